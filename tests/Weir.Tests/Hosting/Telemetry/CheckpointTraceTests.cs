using System.Diagnostics;
using Weir.Hosting;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Hosting;

/// <summary>What a checkpoint's trace tells. Times of jobs by hand are exact: the clock is the test's.</summary>
public sealed class CheckpointTraceTests
{
    private const string Sink = "map -> out";

    [Fact]
    public async Task A_running_program_tells_one_trace_a_checkpoint_with_a_span_of_each_subtask()
    {
        await using var program = await MeteredProgram.StartAsync();

        var trace = await program.CheckpointAsync();

        Show(trace);
        var root = Assert.Single(trace, span => span.ParentId is null);
        Assert.Equal(("checkpoint", ActivityStatusCode.Unset), (root.DisplayName, root.Status));
        Assert.Equal((1L, "aligned", "completed"), (root.GetTagItem("weir.checkpoint.id"), root.GetTagItem("kind"), root.GetTagItem("outcome")));
        Assert.True(root.GetTagItem("weir.checkpoint.size") is long and > 0);
        var subtasks = trace.Where(span => span != root).ToList();
        Assert.Equal(["numbers -> times #0", "numbers -> times #1", "sums -> totals #0", "sums -> totals #1"], subtasks.Select(span => span.DisplayName));
        Assert.All(subtasks, span =>
        {
            Assert.Equal((root.TraceId, root.SpanId), (span.TraceId, span.ParentSpanId));
            Assert.Equal(["ack", "async", "barrier seen", "barriers complete", "sync"], span.Events.Select(happened => happened.Name).Order(StringComparer.Ordinal));
            Assert.Equal("ack", span.Events.Last().Name);
            Assert.Equal(root.StartTimeUtc, span.StartTimeUtc);
            Assert.True(span.Duration <= root.Duration);
            Assert.All(span.Events, happened => Assert.InRange(happened.Timestamp.UtcDateTime, root.StartTimeUtc, root.StartTimeUtc + span.Duration));
        });
    }

    [Fact]
    public void One_that_turns_unaligned_says_when_and_where_barriers_overtook()
    {
        var job = new JobByHand(Dealt(new RoomSink<long>("out", room: 10)), Settings(turnsAfter: 10), new MemoryStorage());
        job.Pass(1000);
        job.Pass(10);

        var trace = Tell(job.Last);

        var root = trace.Single(span => span.ParentId is null);
        Assert.Equal([("switch to unaligned", 10.0)], Events(root, root));
        Assert.Equal([("barrier seen", 0.0), ("barriers complete", 0), ("sync", 0), ("async", 0), ("ack", 0)], Events(root, trace.First(span => span.DisplayName == "numbers #0")));
        Assert.Equal(
            [("barrier seen", 10.0), ("switch to unaligned", 10), ("barriers complete", 10), ("sync", 10), ("async", 10), ("ack", 10)],
            Events(root, trace.First(span => span.DisplayName == $"{Sink} #0")));
        Assert.Equal("unaligned", root.GetTagItem("kind"));
        Assert.True(root.GetTagItem("weir.checkpoint.inflight.persisted") is long and > 0);
    }

    [Fact]
    public void A_transactional_sink_says_when_it_was_ready_and_switched()
    {
        var job = new JobByHand(Dealt(new RoomSink<long>("out", room: 10, isTransactional: true)), Settings(turnsAfter: 0), new MemoryStorage());
        job.Pass(1000);

        var trace = Tell(job.Last);

        Assert.Superset(
            new HashSet<string> { "ready to switch transactions", "transactions switched", "sync" },
            trace.First(span => span.DisplayName == $"{Sink} #1").Events.Select(happened => happened.Name).ToHashSet());
    }

    [Fact]
    public void One_that_is_given_up_is_an_error_and_says_who_had_not_stored_its_part()
    {
        var storage = new MemoryStorage();
        storage.Holds.Add("create channel-0");
        var job = new JobByHand(Dealt(new RoomSink<long>("out", room: 10)), Settings(turnsAfter: 0, timeout: 50), storage);
        job.Pass(1000);
        job.Pass(50);

        var trace = Tell(job.Last);

        var root = trace.Single(span => span.ParentId is null);
        Assert.Equal((ActivityStatusCode.Error, job.Last.Verdict, "given_up"), (root.Status, root.StatusDescription, root.GetTagItem("outcome")));
        Assert.Equal(50, root.Duration.TotalMilliseconds);
        Assert.Equal([$"{Sink} #0", $"{Sink} #1"], trace.Where(span => span != root && span.Status == ActivityStatusCode.Error).Select(span => span.DisplayName));
    }

    [Fact]
    public void It_is_a_trace_of_its_own_whatever_is_under_way_and_leaves_that_as_it_was()
    {
        var job = new JobByHand(Dealt(new RoomSink<long>("out", room: 10)), Settings(turnsAfter: 0), new MemoryStorage());
        job.Pass(1000);
        using var around = new Activity("around").Start();

        Assert.Single(Tell(job.Last), span => span.ParentId is null);

        Assert.Same(around, Activity.Current);
    }

    private static Action<JobBuilder> Dealt(RoomSink<long> sink) => job => job.From(new NumberSource("numbers", 2, 2000)).Rebalance().Map(number => number).WithId("map").To(sink);

    private static JobSettings Settings(int turnsAfter, int timeout = 60_000) => new()
    {
        Name = JobByHand.Name,
        Parallelism = 2,
        CheckpointInterval = TimeSpan.FromSeconds(1),
        AlignedCheckpointTimeout = JobByHand.Ms(turnsAfter),
        CheckpointTimeout = JobByHand.Ms(timeout),
        BatchesPerChannel = 1,
        FloatingBatches = 0,
    };

    private static IReadOnlyList<Activity> Tell(CheckpointReport report)
    {
        string job = $"told-{Guid.NewGuid():N}";
        using var traces = new CheckpointTraces();
        using var ear = new TraceEar(job);
        traces.CheckpointEnded(job, report);
        Show(ear.Heard);
        return ear.Heard;
    }

    private static IEnumerable<(string Name, double Ms)> Events(Activity root, Activity span) =>
        span.Events.Select(happened => (happened.Name, (happened.Timestamp.UtcDateTime - root.StartTimeUtc).TotalMilliseconds));

    private static void Show(IReadOnlyList<Activity> trace) => TestContext.Current.TestOutputHelper!.WriteLine(string.Join("\n", TraceEar.Tree(trace)));
}
