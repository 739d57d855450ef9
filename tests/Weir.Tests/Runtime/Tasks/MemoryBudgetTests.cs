using Weir.Runtime;
using Weir.Runtime.Elements;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>What becomes of a job whose memory has a bound.</summary>
public sealed class MemoryBudgetTests
{
    private const int Numbers = 20_000;

    [Fact]
    public void A_job_whose_state_outgrows_it_fails_for_good_says_what_to_do_and_gives_all_of_it_back()
    {
        var memory = new MemoryBudget { StateBytesMax = 100_000 };

        var failure = Assert.Throws<JobException>(() => new JobByHand(Sums(new RoomSink<long>("out")), JobByHand.Settings(2), new MemoryStorage(), memory).Finish());

        Assert.Equal(JobFailure.Permanent, failure.Reason);
        Assert.Contains("Keyed state has grown beyond the 100,000 bytes", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Weir:Memory", failure.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0), (memory.StateBytes, memory.CopyBytes, memory.ChannelBytes));
    }

    [Fact]
    public void State_that_does_not_fit_into_less_memory_is_not_restored_and_is_there_for_a_start_with_more()
    {
        var (sink, storage) = (new RoomSink<long>("out", Numbers / 2), new MemoryStorage());
        var job = new JobByHand(Sums(sink), JobByHand.Settings(2), storage);
        job.Pass(2_000);
        long needed = job.Memory.StateBytes;
        job.Kill();
        var less = new MemoryBudget { StateBytesMax = needed / 4 };

        var failure = Assert.Throws<JobException>(() => new JobByHand(Sums(sink), JobByHand.Settings(2), storage, less));

        Assert.Equal(JobFailure.Permanent, failure.Reason);
        Assert.Equal(0, less.StateBytes);
        sink.TakeBack();
        sink.Give(Numbers);
        Assert.Equal(JobOutcome.Finished, new JobByHand(Sums(sink), JobByHand.Settings(2), storage, new MemoryBudget { StateBytesMax = 4 * needed }).Finish());
        Assert.Equal(Numbers, sink.Records.Distinct().Count());
    }

    [Fact]
    public void What_a_job_takes_is_counted_and_is_free_again_when_it_has_ended()
    {
        var sink = new RoomSink<long>("out", Numbers / 2);
        var job = new JobByHand(Sums(sink), JobByHand.Settings(2), new MemoryStorage());
        job.Pass(2_000);
        Assert.InRange(job.Memory.StateBytes, Numbers / 2 * sizeof(long), 100 * Numbers);
        Assert.InRange(job.Memory.ChannelBytes, 1, long.MaxValue);

        job.Give(sink, Numbers);
        Assert.Equal(JobOutcome.Finished, job.Finish());

        Assert.Equal((0, 0, 0), (job.Memory.StateBytes, job.Memory.CopyBytes, job.Memory.ChannelBytes));
    }

    [Fact]
    public void Where_channels_have_no_memory_each_gate_has_one_batch_at_a_time_and_everything_comes_through()
    {
        var sink = new RoomSink<long>("out", room: 100);
        var settings = new JobSettings { Name = JobByHand.Name, Parallelism = 2, CheckpointInterval = TimeSpan.FromSeconds(1), AlignedCheckpointTimeout = TimeSpan.Zero };
        var job = new JobByHand(Sums(sink), settings, new MemoryStorage(), new MemoryBudget { ChannelBytesMax = 1 });
        job.Pass(1_500);
        Assert.Equal(0, job.Runner.Figures.Buffers.Overdraft);
        Assert.InRange(job.Runner.Figures.Buffers.Used, 1, 2); // Two gates, one for each producer.

        job.Give(sink, Numbers);
        Assert.Equal(JobOutcome.Finished, job.Finish());

        Assert.Equal(Numbers, sink.Count);
    }

    [Fact]
    public void A_batch_that_a_large_record_made_grow_lets_that_go_where_memory_is_short()
    {
        var memory = new MemoryShare(1 << 20);
        var pool = new BatchPool<long>("test", memory);
        long small = Grow(pool, bytes: 10);
        Assert.InRange(small, Batch.Capacity * sizeof(long), 20_000);

        long large = Grow(pool, bytes: 400_000);
        Assert.InRange(large, 400_000, 450_000);
        Assert.Equal(large, memory.Taken); // There is room for it, and the next may be as large.

        Grow(pool, bytes: 800_000);
        Assert.InRange(memory.Taken, Batch.Capacity * sizeof(long), small);
        pool.Release();
        Assert.Equal(0, memory.Taken);
    }

    [Fact]
    public void A_checkpoint_whose_snapshot_needs_more_copies_than_there_is_room_for_is_given_up_though_its_store_hangs()
    {
        var sink = new RoomSink<long>("out", room: 1_000);
        var storage = new MemoryStorage();
        storage.Holds.Add("create state-0");
        var job = new JobByHand(Sums(sink, keys: 500), JobByHand.Settings(1), storage, new MemoryBudget { CopyBytesMax = 1 });
        job.Pass(1_000);
        job.Give(sink, 1_000); // Which writes to what the snapshot has not stored.

        Assert.Equal(CheckpointEnd.GivenUp, job.Last.End);
        Assert.Contains("memory for copies of state is used up", job.Last.Verdict, StringComparison.Ordinal);
        Assert.Equal(0, job.Memory.CopyBytes);

        job.ReleaseStore();
        job.Pass(1_000);
        Assert.Equal(CheckpointEnd.Completed, job.Last.End);
        job.Give(sink, Numbers);
        Assert.Equal(JobOutcome.Finished, job.Finish());
        Assert.Equal(Numbers, sink.Count);
    }

    private static Action<JobBuilder> Sums(RoomSink<long> sink, int keys = Numbers) => job =>
        job.From(new NumberSource("numbers", 2, Numbers)).KeyBy(number => number % keys).Process<Sum, long>("sums").To(sink);

    private static long Grow(BatchPool<long> pool, int bytes)
    {
        var batch = pool.Rent();
        batch.Arena.Claim(bytes);
        batch.CountMemory();
        long taken = batch.Bytes;
        batch.LetGo();
        return taken;
    }

    private sealed class Sum(KeyedState state) : KeyedProcess<long, long, long>
    {
        private readonly ValueState<long> _sum = state.Value<long>("sum");

        public override void Process(in long record, KeyedContext<long, long> context)
        {
            _sum.Value += record;
            context.Emit(record);
        }
    }
}
