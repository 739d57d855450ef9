using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>What a job's checkpoints write, and what becomes of the job where the store does not do as it is told.</summary>
public sealed class CheckpointStoreTests
{
    private const int Parallelism = 4;
    private const int Subtasks = 2 * Parallelism; // Sources, and those behind them.
    private const int Numbers = 4000;
    private const int TimeoutMs = 500;

    private readonly RoomSink<long> _out = new("out", room: 200);
    private readonly MemoryStorage _storage = new();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(100)]
    public void Subtasks_share_files_as_many_as_the_settings_say(int share)
    {
        var job = Counting(tasksPerFile: share);
        job.Pass(1000);
        Assert.True(job.Last is { End: CheckpointEnd.Completed, InFlightRecords: > 0, StateBytes: > 0 }, $"{job.Last}");
        string[] files = Files();
        // The second task's subtasks have something in flight, and all of them keep something.
        string[] shares = [.. Enumerable.Range(Parallelism, Parallelism).Select(ordinal => $"{ordinal / share}").Distinct()];
        Assert.True(shares.Length <= (Subtasks + share - 1) / share);
        Assert.Equal([.. shares.Select(number => $"channel-{number}")], files.Where(file => file.StartsWith("channel", StringComparison.Ordinal)));
        Assert.Equal([.. shares.Select(number => $"state-{number}")], files.Where(file => file.StartsWith("state", StringComparison.Ordinal)));
        Assert.Equal((2 * shares.Length) + 1, files.Length);
        Assert.Contains("_metadata", files);
        Assert.Equal(files.Length, job.Last.Files);
    }

    [Fact]
    public void Channels_that_are_empty_write_nothing()
    {
        _out.Give(Numbers);
        var job = Counting(ends: false); // All is processed, and the sources wait for more.
        Assert.Equal(Numbers, _out.Count);
        job.Pass(1000);
        Assert.Equal((CheckpointEnd.Completed, CheckpointMode.Unaligned, 0L), (job.Last.End, job.Last.Mode, job.Last.InFlightRecords));
        Assert.Equal(["_metadata", "state-0", "state-1"], Files());
    }

    [Theory]
    [InlineData("create channel-5")]
    [InlineData("create state-6")]
    public void A_writer_that_fails_fails_one_checkpoint_and_leaves_nothing(string call)
    {
        var job = Counting(tasksPerFile: 1);
        _storage.Failures.Add(call, StorageFailure.Unavailable);
        job.Pass(1000);
        job.Pass(TimeoutMs);
        Assert.Equal((1L, CheckpointEnd.GivenUp), (job.Last.Id, job.Last.End));
        Assert.Contains(call, job.Last.Verdict, StringComparison.Ordinal);
        Assert.Empty(Files());
        Assert.Equal(0, _storage.OpenFiles);
        _storage.Failures.Clear();
        job.Pass(1000);
        Assert.Equal((2L, CheckpointEnd.Completed), (job.Last.Id, job.Last.End));
        Assert.Equal(0, job.Runner.Status.Restarts);
        _out.Give(Numbers);
        Assert.Equal(JobOutcome.Finished, job.Finish());
        Assert.Equal(Numbers, _out.Count);
    }

    [Theory]
    [InlineData("append channel-5")]
    [InlineData("commit state-6")]
    [InlineData("write _metadata")]
    public void What_fails_once_all_has_been_handed_over_is_done_again_until_it_succeeds(string call)
    {
        var job = Counting(tasksPerFile: 1);
        _storage.Failures.Add(call, StorageFailure.Unavailable);
        job.Pass(1000);
        job.Pass(2 * TimeoutMs);
        Assert.Empty(job.Runner.Checkpoints);
        string waits = Assert.Single(job.Log.Warnings);
        Assert.StartsWith("Checkpoint 1 of ", waits, StringComparison.Ordinal);
        Assert.EndsWith($"waits for its store, as long as its transaction lives; records go on: The store does not {call}.", waits, StringComparison.Ordinal);
        _storage.Failures.Clear();
        job.Pass(TimeoutMs);
        var first = job.Runner.Checkpoints[^1];
        Assert.Equal((1L, CheckpointEnd.Completed, 0), (first.Id, first.End, job.Runner.Status.Restarts));
    }

    [Fact]
    public void A_store_that_never_answers_holds_up_no_record()
    {
        var job = Counting(ends: false);
        _storage.Holds.Add("create");
        job.Pass(1000);
        Assert.True(_storage.HeldCount > 0);
        job.Give(_out, Numbers);
        Assert.Empty(job.Runner.Checkpoints); // It waits still, and every record has gone through meanwhile.
        Assert.Equal(Numbers, _out.Count);
        job.Pass(TimeoutMs);
        Assert.Equal((CheckpointEnd.GivenUp, 0), (job.Last.End, _storage.OpenFiles));
        Assert.Empty(Files());
        job.ReleaseStore();
        job.Pass(1000);
        Assert.Equal((CheckpointEnd.Completed, 0), (job.Last.End, job.Runner.Status.Restarts));
    }

    [Fact]
    public void A_job_that_another_host_holds_looks_again_later_and_later_until_it_lets_go()
    {
        _storage.Failures.Add("lock", StorageFailure.Locked);
        _out.Give(Numbers);
        var job = Counting();
        job.Pass(15_000);
        Assert.InRange(_storage.Log.Count(call => call.StartsWith("failed lock", StringComparison.Ordinal)), 3, 5);
        Assert.All(job.Log.Warnings, line => Assert.Contains("gives way to another life of itself", line, StringComparison.Ordinal));
        _storage.Failures.Clear();
        Assert.Equal(JobOutcome.Finished, job.Finish());
        Assert.Equal(Numbers, _out.Count);
    }

    [Fact]
    public void A_job_that_another_host_takes_ends_its_attempt_and_looks_again()
    {
        var job = Counting();
        job.Pass(1000);
        long committed = job.Last.Id;
        _storage.Failures.Add("lock", StorageFailure.Locked);
        _storage.LoseLock();
        job.Pass(10_000);
        Assert.Equal(committed, job.Runner.Checkpoints.First(one => one.End == CheckpointEnd.Completed).Id);
        Assert.Contains("Another host has taken", job.Log.Warnings.First(), StringComparison.Ordinal);
        _storage.Failures.Clear();
        _out.Give(2 * Numbers); // What came through is not exactly-once without a log.
        Assert.Equal(JobOutcome.Finished, job.Finish());
    }

    [Fact]
    public void Metadata_of_another_release_is_refused()
    {
        Counting().Pass(1000);
        string name = _storage.Names.Single(name => name.EndsWith("/_metadata", StringComparison.Ordinal));
        _storage[name] = (CheckpointMetadata.Parse(_storage[name]) with { Version = 2 }).Serialize();
        MustBeRefused($"{name} has format version 2, this program reads 1: start the release that wrote it.");
    }

    [Theory]
    [InlineData("channel-0", "In-flight records of edge 'numbers->count#0': ")]
    [InlineData("state-0", "State of operator 'count': ")]
    public void Segments_of_another_release_are_refused(string file, string whose)
    {
        Counting(tasksPerFile: 100).Pass(1000);
        string name = _storage.Names.Single(name => name.EndsWith($"/{file}", StringComparison.Ordinal));
        string metadata = _storage.Names.Single(name => name.EndsWith("/_metadata", StringComparison.Ordinal));
        var stored = CheckpointMetadata.Parse(_storage[metadata]);
        _storage[metadata] = (stored with
        {
            Operators = [.. stored.Operators.Select(one => one with { Subtasks = [.. one.Subtasks.Select(subtask => subtask with { State = [.. subtask.State.Select(part => part with { Handle = OfVersion2(part.Handle) })] })] })],
            Edges = [.. stored.Edges.Select(edge => edge with { Channels = [.. edge.Channels.Select(channel => channel with { Segments = [.. channel.Segments.Select(segment => segment with { Handle = OfVersion2(segment.Handle) })] })] })],
        }).Serialize();
        MustBeRefused(whose, $"of {name} in memory has format version 2, this program reads 1: start the release that wrote it.");

        SegmentHandle OfVersion2(SegmentHandle handle)
        {
            if (handle.File != file)
            {
                return handle;
            }
            var segment = _storage[name].AsSpan((int)handle.Offset, SegmentHeader.Size + handle.Length);
            segment[3] = 2;
            uint crc = Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Start, segment[..8]), segment[SegmentHeader.Size..]));
            BitConverter.TryWriteBytes(segment[8..], crc);
            return handle with { Crc = crc };
        }
    }

    private string[] Files() => [.. _storage.Names.Where(name => name.Contains("/chk-", StringComparison.Ordinal)).Select(name => name[(name.LastIndexOf('/') + 1)..])];

    private void MustBeRefused(params ReadOnlySpan<string> parts)
    {
        var refused = Assert.Throws<JobException>(() => Counting());
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.StartsWith("Checkpoint 1 is the committed one, and can't be read. ", refused.Message, StringComparison.Ordinal);
        foreach (string part in parts)
        {
            Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        }
    }

    private JobByHand Counting(int tasksPerFile = 5, bool ends = true) => new(
        job => job.From(new NumberSource("numbers", Parallelism, Numbers, ends: ends))
            .KeyBy(number => number % 40).Aggregate("count", 0L, (count, _) => count + 1, (_, count) => count).To(_out),
        new JobSettings
        {
            Name = JobByHand.Name,
            Parallelism = Parallelism,
            CheckpointInterval = TimeSpan.FromSeconds(1),
            CheckpointTimeout = JobByHand.Ms(TimeoutMs),
            AlignedCheckpointTimeout = TimeSpan.Zero,
            TasksPerStateFile = tasksPerFile,
            BatchesPerChannel = 1,
            FloatingBatches = 0,
        },
        _storage);
}
