using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>What the report of a checkpoint says of each subtask and edge, and in one sentence. Times are exact: the clock is the test's.</summary>
public sealed class CheckpointReportTests
{
    private const string Edge = "numbers->map#0";
    private const string Sink = "map -> out";

    private readonly RoomSink<long> _out = new("out", room: 10);
    private readonly MemoryStorage _storage = new();

    [Fact]
    public void An_unaligned_one_says_what_was_in_flight_where_and_how_long_it_took_to_write()
    {
        _storage.Holds.Add("create channel-0");
        var job = Dealt(JobByHand.Settings(2));
        job.Pass(1000);
        Assert.Empty(job.Runner.Checkpoints);
        job.Pass(7);
        job.ReleaseStore();
        var report = job.Last;
        Assert.Equal((CheckpointEnd.Completed, CheckpointMode.Unaligned, JobByHand.Ms(7)), (report.End, report.Mode, report.Duration));
        var edge = Assert.Single(report.Edges);
        Assert.Equal((Edge, "Rebalance", "unaligned", false, null), (edge.EdgeId, edge.Kind, edge.Mode, edge.IsLate, edge.TurnedAfter));
        Assert.Equal((4, job.Metadata.Edges[0].Channels.Count), (edge.Channels, edge.ChannelsInFlight));
        Assert.True(edge.InFlightRecords > 0);
        Assert.Equal((edge.InFlightRecords, edge.InFlightBytes), (report.InFlightRecords, report.InFlightBytes));
        Assert.Equal(edge.InFlightRecords, report.Subtasks.Sum(subtask => subtask.InFlightRecords));
        Assert.Equal(edge.InFlightBytes, report.Subtasks.Sum(subtask => subtask.InFlightBytes));
        Assert.Equal(["numbers 0", "numbers 1", $"{Sink} 0", $"{Sink} 1"], report.Subtasks.Select(subtask => $"{subtask.Task} {subtask.Index}"));
        Assert.All(report.Subtasks, subtask => Assert.Equal("unaligned", subtask.Mode));
        var zero = TimeSpan.Zero;
        Assert.All(Of(report, Sink), one => Assert.Equal((zero, zero, zero, zero, JobByHand.Ms(7), JobByHand.Ms(7)), (one.StartDelay, one.Alignment, one.Sync, one.StateWrite, one.InFlightWrite, one.AcknowledgedAfter)));
        Assert.All(report.Subtasks, subtask => Assert.Equal((null, null), (subtask.ReadyAfter, subtask.SwitchedAfter)));
        Assert.EndsWith("had written last, after 7.0 ms, its records in flight in 7.0 ms", report.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void An_aligned_one_says_that_barriers_waited_behind_what_was_queued()
    {
        var job = Dealt(With(mode: CheckpointMode.Aligned));
        job.Pass(1000);
        job.Pass(20);
        GiveUntilNext(job);
        var report = job.Last;
        Assert.Equal((CheckpointMode.Aligned, 0L), (report.Mode, report.InFlightRecords));
        Assert.Equal(("aligned", 0L, 0), (report.Edges[0].Mode, report.Edges[0].InFlightRecords, report.Edges[0].ChannelsInFlight));
        Assert.All(Of(report, Sink), subtask => Assert.Equal(("aligned", JobByHand.Ms(20)), (subtask.Mode, subtask.StartDelay)));
        Assert.All(Of(report, "numbers"), subtask => Assert.Equal(TimeSpan.Zero, subtask.StartDelay));
        Assert.Matches("^map -> out #[01] had its barriers last, after 20.0 ms, having read what lay before them; ", report.Verdict);
    }

    [Fact]
    public void One_that_turned_says_when_and_which_subtasks_met_its_barriers_how()
    {
        var job = Dealt(With(turnsAfter: JobByHand.Ms(10)));
        job.Pass(1000);
        job.Pass(10);
        var report = job.Last;
        Assert.Equal((CheckpointMode.Unaligned, JobByHand.Ms(10)), (report.Mode, report.TurnedAfter));
        Assert.Equal(("unaligned", JobByHand.Ms(10)), (report.Edges[0].Mode, report.Edges[0].TurnedAfter));
        Assert.All(Of(report, "numbers"), subtask => Assert.Equal("aligned", subtask.Mode));
        Assert.All(Of(report, Sink), subtask => Assert.Equal("unaligned", subtask.Mode));
        Assert.StartsWith("turned unaligned after 10.0 ms; map -> out #", report.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_broadcast_edge_it_says_so_and_what_was_in_flight_beside_it()
    {
        var job = new JobByHand(
            job => job.From(new NumberSource("numbers", 2, 2000)).Rebalance()
                .Connect(job.From(new NumberSource("rules", 2, 2000, first: 2000)).Broadcast()).Process<Both, long>("both")
                .Rebalance().Map(number => number).WithId("map").To(_out),
            JobByHand.Settings(2),
            _storage);
        job.Pass(1000);
        job.Pass(30);
        GiveUntilNext(job);
        var edges = job.Last.Edges.ToDictionary(edge => edge.EdgeId);
        Assert.Equal(("Broadcast", "aligned", 0L), (edges["rules->both#0"].Kind, edges["rules->both#0"].Mode, edges["rules->both#0"].InFlightRecords));
        Assert.Equal(("unaligned", false), (edges["numbers->both#0"].Mode, edges["numbers->both#0"].IsLate));
        Assert.Equal(("unaligned", true), (edges["both->map#0"].Mode, edges["both->map#0"].IsLate));
        Assert.True(edges["numbers->both#0"].InFlightRecords > 0);
        Assert.All(Of(job.Last, "both"), subtask => Assert.InRange(subtask.ProcessedBytes, 1, long.MaxValue)); // What stood before the barriers of the broadcast edge.
        Assert.All(Of(job.Last, "numbers"), subtask => Assert.Equal(0, subtask.ProcessedBytes));
        Assert.Contains("behind broadcast edge 'rules->both#0'", job.Last.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transactional_sink_says_when_it_was_ready_and_when_it_switched()
    {
        var sink = new RoomSink<long>("out", room: 10, isTransactional: true);
        var job = Dealt(JobByHand.Settings(2), sink);
        bool busy = true;
        sink.OnWrite = _ =>
        {
            if (busy)
            {
                busy = false;
                job.Pass(1000); // The others go on while this record takes its time.
                job.Pass(40);
            }
        };
        job.Give(sink, 1);
        var sinks = Of(job.Last, Sink);
        Assert.Equal([JobByHand.Ms(0), JobByHand.Ms(40)], sinks.Select(subtask => subtask.ReadyAfter!.Value).Order());
        Assert.All(sinks, subtask => Assert.Equal(JobByHand.Ms(40), subtask.SwitchedAfter));
        Assert.Contains(" had its barriers last, after 40.0 ms, ", job.Last.Verdict, StringComparison.Ordinal);
        Assert.All(Of(job.Last, "numbers"), subtask => Assert.Equal((null, null), (subtask.ReadyAfter, subtask.SwitchedAfter)));
    }

    [Fact]
    public void A_subtask_that_was_busy_with_one_record_is_named()
    {
        var job = Dealt(JobByHand.Settings(2));
        BusyOnce(job, 40);
        job.Give(_out, 1);
        var busy = Of(job.Last, Sink).Single(subtask => subtask.StartDelay > TimeSpan.Zero);
        Assert.Equal(JobByHand.Ms(40), busy.StartDelay);
        Assert.StartsWith($"{Sink} #{busy.Index} had its barriers last, after 40.0 ms, busy with a record or without a worker before; ", job.Last.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_given_up_while_a_subtask_is_in_one_record_says_so_and_what_is_known_of_the_others()
    {
        var job = Dealt(With(timeout: JobByHand.Ms(50)));
        BusyOnce(job, 60);
        job.Give(_out, 1);
        var report = job.Last;
        Assert.Equal((CheckpointEnd.GivenUp, 0), (report.End, report.Files));
        var busy = Of(report, Sink).Single(subtask => subtask.StartDelay is null);
        Assert.Equal((null, null, null), (busy.Mode, busy.Alignment, busy.AcknowledgedAfter));
        Assert.All(report.Subtasks.Where(subtask => subtask != busy), subtask => Assert.NotNull(subtask.AcknowledgedAfter));
        Assert.Equal($"older than 00:00:00.0500000: {Sink} #{busy.Index} still waits for barriers and is in one record, 1 of 4 subtasks do", report.Verdict);
    }

    [Fact]
    public void One_that_storage_does_not_answer_is_given_up_by_its_timeout_and_says_what_is_not_written()
    {
        _storage.Holds.Add("create channel-0");
        var job = Dealt(With(timeout: JobByHand.Ms(50)));
        job.Pass(1000);
        job.Pass(50);
        Assert.Equal(CheckpointEnd.GivenUp, job.Last.End);
        Assert.Contains($"{Sink} #0 has not written its records in flight, 2 of 4 subtasks have not written their part", job.Last.Verdict, StringComparison.Ordinal);
        Assert.All(Of(job.Last, Sink), subtask => Assert.Equal((JobByHand.Ms(0), null, null), (subtask.StateWrite, subtask.InFlightWrite, subtask.AcknowledgedAfter)));
    }

    [Fact]
    public void One_that_storage_refuses_is_given_up_and_says_the_stores_words()
    {
        _storage.Failures.Add("create channel-0", StorageFailure.Unavailable);
        var job = Dealt(JobByHand.Settings(2));
        job.Pass(1000);
        Assert.Equal(CheckpointEnd.GivenUp, job.Last.End);
        Assert.StartsWith("The store does not create channel-0; ", job.Last.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void One_with_too_much_in_flight_is_given_up_and_says_whose_barrier_is_late()
    {
        var job = Dealt(With(maxInFlightBytes: 10));
        job.Pass(1000);
        Assert.Equal(CheckpointEnd.GivenUp, job.Last.End);
        Assert.StartsWith("more than 10 bytes are in flight, and map -> out #", job.Last.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_hundred_are_kept_newest_first()
    {
        var job = Dealt(JobByHand.Settings(2));
        for (int second = 0; second < 105; second++)
        {
            job.Pass(1000);
        }
        Assert.Equal(Enumerable.Range(6, 100).Reverse().Select(id => (long)id), job.Runner.Checkpoints.Select(report => report.Id));
        Assert.Equal(job.Last, job.Runner.Status.LastCheckpoint);
    }

    [Fact]
    public void They_outlive_an_attempt_and_say_what_was_under_way_when_it_ended()
    {
        bool fails = false;
        var job = new JobByHand(
            job => job.From(new NumberSource("numbers", 2, 2000)).Rebalance()
                .Map(number => fails ? throw new InvalidOperationException("no such account") : number).WithId("map").To(_out),
            JobByHand.Settings(2),
            _storage);
        job.Pass(1000);
        _storage.Holds.Add("create channel-0");
        job.Pass(1000);
        fails = true;
        job.Give(_out, 1);
        fails = false;
        job.ReleaseStore();
        job.Pass(3000);
        Assert.Equal([CheckpointEnd.Completed, CheckpointEnd.Interrupted, CheckpointEnd.Completed], job.Runner.Checkpoints.TakeLast(3).Select(report => report.End));
        Assert.Contains("the attempt ended: map -> out #", job.Runner.Checkpoints[^2].Verdict, StringComparison.Ordinal);
        Assert.Contains("no such account", job.Runner.Checkpoints[^2].Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void The_metadata_holds_what_was_known_when_it_was_written()
    {
        _storage.Holds.Add("write _metadata");
        var job = new JobByHand(
            job => job.From(new NumberSource("numbers", 2, 2000)).KeyBy(number => number % 10).Aggregate("count", 0L, (count, _) => count + 1, (_, count) => count).To(_out),
            JobByHand.Settings(2),
            _storage);
        job.Pass(1000);
        job.Pass(500);
        job.ReleaseStore();
        Assert.EndsWith("; files and commit took until 500.0 ms", job.Last.Verdict, StringComparison.Ordinal);
        var stored = job.Metadata.Report!;
        Assert.True(job.Last is { StateBytes: > 0, InFlightBytes: > 0 }, $"{job.Last}");
        Assert.Equal(job.Last.Subtasks, stored.Subtasks);
        Assert.Equal(job.Last.Edges, stored.Edges);
        Assert.StartsWith(stored.Verdict, job.Last.Verdict, StringComparison.Ordinal);
        Assert.DoesNotContain("commit", stored.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_kept_of_large_jobs_is_bounded()
    {
        var history = new CheckpointHistory();
        var part = new SubtaskReport { Task = "one", Index = 0 };
        for (int id = 1; id <= 10; id++)
        {
            history.Add(new CheckpointReport(id, CheckpointMode.Unaligned, default, default, id, 0, 0, 1, "verdict") { Subtasks = [.. Enumerable.Repeat(part, CheckpointHistory.PartsMax / 3)] });
        }
        Assert.Equal(3, history.Reports.Count(report => report.Subtasks.Count > 0));
        Assert.All(history.Reports.Take(3), report => Assert.NotEmpty(report.Subtasks));
        Assert.Equal(10, history.Reports.Count(report => report is { StateBytes: > 0, Verdict: "verdict" }));
        var before = history.Reports;
        history.Add(before[0] with { Id = 11, Subtasks = [.. Enumerable.Repeat(part, 2 * CheckpointHistory.PartsMax)] });
        Assert.NotEmpty(history.Reports[0].Subtasks);
        Assert.Equal(10, before.Count);
    }

    private static JobSettings With(CheckpointMode mode = CheckpointMode.Unaligned, TimeSpan turnsAfter = default, TimeSpan? timeout = null, long maxInFlightBytes = 1 << 20) => new()
    {
        Name = JobByHand.Name,
        Parallelism = 2,
        CheckpointInterval = TimeSpan.FromSeconds(1),
        CheckpointMode = mode,
        AlignedCheckpointTimeout = turnsAfter,
        CheckpointTimeout = timeout ?? TimeSpan.FromMinutes(5),
        MaxInFlightBytes = maxInFlightBytes,
        BatchesPerChannel = 1,
        FloatingBatches = 0,
    };

    private static List<SubtaskReport> Of(CheckpointReport report, string task) => [.. report.Subtasks.Where(subtask => subtask.Task == task)];

    private JobByHand Dealt(JobSettings settings, RoomSink<long>? sink = null) =>
        new(job => job.From(new NumberSource("numbers", 2, 2000)).Rebalance().Map(number => number).WithId("map").To(sink ?? _out), settings, _storage);

    /// <summary>The next record takes so long, in which a checkpoint is triggered and the rest of the job goes on.</summary>
    private void BusyOnce(JobByHand job, int milliseconds) => _out.OnWrite = _ =>
    {
        _out.OnWrite = null;
        job.Pass(1000);
        job.Pass(milliseconds);
    };

    /// <summary>Gives the sink room little by little until a checkpoint has ended.</summary>
    private void GiveUntilNext(JobByHand job)
    {
        int before = job.Runner.Checkpoints.Count;
        for (int given = 0; job.Runner.Checkpoints.Count == before; given++)
        {
            Assert.True(given < 2000, "no checkpoint ends");
            job.Give(_out, 1);
        }
    }

    private sealed class Both : CoProcess<long, long, long>
    {
        public override void ProcessFirst(in long record, ProcessContext<long> context) => context.Emit(in record);

        public override void ProcessSecond(in long record, ProcessContext<long> context) => context.Emit(in record);
    }
}
