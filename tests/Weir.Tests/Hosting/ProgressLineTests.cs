using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

public sealed class ProgressLineTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 10, TimeSpan.Zero);

    [Fact]
    public void It_says_rates_lag_and_the_last_checkpoint()
    {
        var before = Status(JobPhase.Running, 1_000, 900, null);
        var now = Status(JobPhase.Running, 11_000, 5_900, Report(7, CheckpointMode.Unaligned, 23), lag: 1_234);

        Assert.Equal(
            "orders: Running, 2,000 records/s in, 1,000 out; checkpoint 7 4 s ago took 23 ms (Unaligned, 1.5 MiB in flight); lag 1,234",
            Line(before, now));
    }

    [Fact]
    public void It_says_when_there_is_no_checkpoint() =>
        Assert.Equal("orders: Starting, 0 records/s in, 0 out; no checkpoint yet", Line(Status(JobPhase.Starting, 0, 0, null)));

    [Fact]
    public void It_shows_the_last_checkpoint_of_the_other_mode_beside_those_of_this_one()
    {
        var unaligned = Status(JobPhase.Running, 0, 0, Report(7, CheckpointMode.Unaligned, 23));
        var aligned = Status(JobPhase.Running, 0, 0, Report(8, CheckpointMode.Aligned, 2_311));
        var again = Status(JobPhase.Running, 0, 0, Report(9, CheckpointMode.Aligned, 2_400));

        Assert.EndsWith("took 2,311 ms (Aligned, 1.5 MiB in flight), the last Unaligned one 23 ms", Line(unaligned, aligned), StringComparison.Ordinal);
        Assert.EndsWith("took 2,400 ms (Aligned, 1.5 MiB in flight), the last Unaligned one 23 ms", Line(unaligned, aligned, again), StringComparison.Ordinal);
    }

    [Fact]
    public void It_says_what_waits_on_the_disk() => Assert.EndsWith(
        "no checkpoint yet; 1.5 MiB spilled to disk",
        Line(Status(JobPhase.Running, 0, 0, null) with { Overflow = new OverflowStatus(5, 10, 50, 3L << 19) }),
        StringComparison.Ordinal);

    private static string Line(params JobStatus[] statuses)
    {
        var seen = statuses.Aggregate(default(ProgressReporter.Seen), (seen, status) => seen.After(status));
        return ProgressReporter.Line("orders", seen, TimeSpan.FromSeconds(5), s_now);
    }

    private static JobStatus Status(JobPhase phase, long taken, long given, CheckpointReport? last, long? lag = null) =>
        new(phase, taken, given, 0, last, last is null ? null : s_now.AddSeconds(-4), 0, lag);

    private static CheckpointReport Report(long id, CheckpointMode mode, int milliseconds) =>
        new(id, mode, TimeSpan.FromMilliseconds(milliseconds), default, 0, 3L << 19, 0, 1, "");
}
