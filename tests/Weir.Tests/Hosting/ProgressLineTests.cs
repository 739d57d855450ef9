using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

public sealed class ProgressLineTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 10, TimeSpan.Zero);

    [Fact]
    public void It_says_rates_and_the_last_checkpoint()
    {
        var before = new JobStatus(JobPhase.Running, 1_000, 900, 0, null, null, 0);
        var report = new CheckpointReport(7, CheckpointMode.Unaligned, TimeSpan.FromMilliseconds(23), default, 0, 3L << 19, 0, 1, "");
        var now = new JobStatus(JobPhase.Running, 11_000, 5_900, 0, report, s_now.AddSeconds(-4), 0);

        Assert.Equal(
            "orders: Running, 2,000 records/s in, 1,000 out; checkpoint 7 4 s ago took 23 ms (Unaligned, 1.5 MiB in flight)",
            ProgressReporter.Line("orders", now, before, TimeSpan.FromSeconds(5), s_now));
    }

    [Fact]
    public void It_says_when_there_is_no_checkpoint() => Assert.Equal(
        "orders: Starting, 0 records/s in, 0 out; no checkpoint yet",
        ProgressReporter.Line("orders", new JobStatus(JobPhase.Starting, 0, 0, 0, null, null, 0), null, TimeSpan.FromSeconds(5), s_now));
}
