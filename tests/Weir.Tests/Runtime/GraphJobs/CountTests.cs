using Weir.Jobs;
using Weir.Runtime;
using Weir.Runtime.Operators;
using Weir.Tests.Graph;

namespace Weir.Tests.Jobs;

public sealed class CountTests
{
    private const int Records = 20;

    [Fact]
    public async Task A_run_through_which_all_came_is_right()
    {
        var job = new CountJob(Records, accounts: 3);
        await Run(job, lost: 0);
        job.Check();
    }

    [Fact]
    public async Task A_lost_record_is_found()
    {
        var job = new CountJob(Records, accounts: 3);
        await Run(job, lost: 1);
        Assert.StartsWith("19 entries came through", Assert.Throws<JobException>(job.Check).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_attempt_counts_anew()
    {
        var job = new CountJob(Records, accounts: 3);
        await Run(job, lost: 5);
        await Run(job, lost: 0);
        job.Check();
    }

    private static async Task Run(CountJob job, int lost)
    {
        var sink = ((OpenedSink<LedgerEntry>)GraphScript.Plan(job).Sinks[0].Open(null!)).Sink;
        using var writer = sink.CreateWriter(0, () => { });
        var source = new LedgerGenerator("g", splits: 1, accounts: 3, valueBytes: 100, Records).Open(null!);
        using var reader = source.CreateReader(0, await source.DiscoverAsync(TestContext.Current.CancellationToken), () => { });
        var made = new Capture<LedgerEntry>();
        reader.Poll(new SourceOutput<LedgerEntry>(new RecordContext(), made), int.MaxValue);
        foreach (var entry in made.Records.Skip(lost))
        {
            writer.Write(in entry, new RecordContext());
        }
    }
}
