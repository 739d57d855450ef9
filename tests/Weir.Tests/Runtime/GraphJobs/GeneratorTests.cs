using Weir.Jobs;
using Weir.Runtime;
using Weir.Tests.Graph;

namespace Weir.Tests.Jobs;

public sealed class GeneratorTests
{
    private const int Accounts = 1000;

    [Fact]
    public async Task The_splits_make_every_number_once()
    {
        var made = new List<LedgerEntry>();
        foreach (var split in await Discover(splits: 3, records: 100))
        {
            made.AddRange(ReadToEnd([split], stride: 3));
        }
        Assert.Equal(Enumerable.Range(0, 100).Select(seq => (long)seq), made.Select(entry => entry.Seq).Order());
    }

    [Fact]
    public async Task One_reader_reads_several_splits_to_their_ends()
    {
        var splits = await Discover(splits: 4, records: 10);
        Assert.Equal(10, ReadToEnd([.. splits]).DistinctBy(entry => entry.Seq).Count());
    }

    [Fact]
    public async Task A_restored_reader_goes_on_with_the_same_records()
    {
        var whole = ReadToEnd([.. await Discover(splits: 2, records: 50)]);
        var first = new List<LedgerEntry>();
        var positions = new List<SplitPosition>();
        using (var reader = Reader(await Discover(splits: 2, records: 50)))
        {
            var (output, capture) = Output();
            Assert.Equal(PollResult.More, reader.Poll(output, limit: 17));
            first.AddRange(capture.Records);
            reader.AddPositions(positions);
        }
        Assert.Equal(17, first.Count);
        Assert.Equal(whole.OrderBy(entry => entry.Seq), first.Concat(ReadToEnd([.. positions])).OrderBy(entry => entry.Seq));
    }

    [Fact]
    public async Task A_reader_stops_after_the_record_that_filled_its_chain()
    {
        using var reader = Reader(await Discover(splits: 1, records: 50));
        var context = new RecordContext { StopAfterThis = true };
        Assert.Equal(PollResult.More, reader.Poll(new SourceOutput<LedgerEntry>(context, new Capture<LedgerEntry>()), limit: 10));
        Assert.Equal(0, context.Emitted);
    }

    [Fact]
    public async Task Records_are_those_of_the_comparison()
    {
        // As the feeder of the comparison makes them: mix64 is the SplitMix64 finaliser.
        var entry = ReadToEnd([.. await Discover(splits: 1, records: 5)])[4];
        Assert.Equal(4, entry.Seq);
        Assert.Equal((long)(Mix64(4) % Accounts), entry.Account);
        Assert.Equal((long)(Mix64(4 ^ 0x5bd1e995) % 1000) + 1, entry.Amount);
        Assert.Equal(new Slice(0, 68), entry.Padding);
    }

    [Fact]
    public void The_pressure_job_has_two_exchanges() =>
        Assert.Equal(["generator", "scatter", "slow -> tally"], GraphScript.Plan(new PressureJob(), parallelism: 2).Chains());

    [Fact]
    public void Every_job_of_the_catalog_becomes_a_plan() => Assert.All(
        JobCatalog.All, job => Assert.NotEmpty(GraphScript.Plan(job.Make(new JobParameters()), parallelism: 2).Tasks));

    [Fact]
    public void A_job_is_found_by_its_name()
    {
        Assert.Equal("ledger", JobCatalog.Find("ledger")?.Name);
        Assert.Null(JobCatalog.Find("nothing"));
    }

    [Fact]
    public void The_word_count_splits_lines_into_words()
    {
        var lines = new ChainScript<string, string>(
            job => job.From(new NoSource<string>("lines")).Rebalance().FlatMap<string>(WordCountJob.EmitWords).Rebalance().ToNowhere(), task: 1);
        lines.Take("to be, or not to be", "", "?!");
        Assert.Equal(["to", "be", "or", "not", "to", "be"], lines.Output.Records);
        Assert.Equal(["lines -> split", "counts -> words"], GraphScript.Plan(new WordCountJob()).Chains());
    }

    private static ulong Mix64(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private static Task<IReadOnlyList<SplitPosition>> Discover(int splits, long records) =>
        Open(splits, records).DiscoverAsync(TestContext.Current.CancellationToken);

    private static ISplitSource<LedgerEntry> Open(int splits, long records) => new LedgerGenerator("g", splits, Accounts, valueBytes: 100, records).Open(null!);

    private static ISplitReader<LedgerEntry> Reader(IReadOnlyList<SplitPosition> positions) =>
        Open(positions.Count, 0).CreateReader(0, positions, () => { });

    private static List<LedgerEntry> ReadToEnd(IReadOnlyList<SplitPosition> positions, int stride = 0)
    {
        using var reader = Open(stride == 0 ? positions.Count : stride, 0).CreateReader(0, positions, () => { });
        var (output, capture) = Output();
        while (reader.Poll(output, limit: 7) != PollResult.Finished)
        {
        }
        return capture.Records;
    }

    private static (SourceOutput<LedgerEntry> Output, Capture<LedgerEntry> Capture) Output()
    {
        var capture = new Capture<LedgerEntry>();
        return (new SourceOutput<LedgerEntry>(new RecordContext(), capture), capture);
    }
}
