using System.Globalization;
using Weir.Runtime;
using Weir.Runtime.Operators;
using Weir.StateStore;
using Weir.Testing;
using Weir.Tests.Doubles;
using Weir.Tests.Graph;
using Weir.Tests.Simulation;

namespace Weir.Tests.Runtime;

/// <summary>Event time in whole jobs: whatever the mode of a checkpoint, a restore goes on at the watermark at which it was.</summary>
public sealed class EventTimeTests
{
    private const int Records = 60;

    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    /// <summary>A source of one subtask, so that each record has one watermark at which it comes, whoever takes it in which order of steps.</summary>
    [Theory]
    [InlineData(CheckpointMode.Unaligned, true)]
    [InlineData(CheckpointMode.Unaligned, false)]
    [InlineData(CheckpointMode.Aligned, true)]
    [InlineData(CheckpointMode.Aligned, false)]
    public void Wherever_a_checkpoint_is_taken_every_record_is_late_or_not_as_without_one(CheckpointMode mode, bool isKeyed)
    {
        var expected = Live(new MemoryStorage(), new TimedJob(isKeyed), mode, Never, seed: 0, crashAfterCheckpoint: false);
        Assert.Equal(Records, expected.Count);
        Assert.InRange(expected.Values.Count(seen => seen.IsLate), 5, Records - 5);
        int restoredInFlight = 0;
        for (int place = 1; place < 120; place++)
        {
            var storage = new MemoryStorage();
            var interval = TimeSpan.FromMilliseconds(0.25 * place);
            var before = Live(storage, new TimedJob(isKeyed), mode, interval, seed: place, crashAfterCheckpoint: true);
            var job = new TimedJob(isKeyed);
            var after = Live(storage, job, mode, Never, seed: place, crashAfterCheckpoint: false);
            Assert.Equal(expected.Where(one => before.ContainsKey(one.Key)), before.OrderBy(one => one.Key));
            Assert.Equal(expected.Where(one => after.ContainsKey(one.Key)), after.OrderBy(one => one.Key));
            Assert.Equal(expected.Keys, before.Keys.Union(after.Keys).Order());
            restoredInFlight += job.InFlightRestored > 0 ? 1 : 0;
        }
        Assert.Equal(mode == CheckpointMode.Unaligned, restoredInFlight > 20);
    }

    /// <summary>Nothing tells which of the new subtasks will get what was not read yet; so none may be further than the one that was furthest behind, and nobody stays there.</summary>
    [Theory, InlineData(1), InlineData(3)]
    public void After_a_rescale_no_record_is_late_that_was_not_and_event_time_goes_on(int subtasks)
    {
        var expected = Live(new MemoryStorage(), new TimedJob(isKeyed: true), CheckpointMode.Unaligned, Never, seed: 0, crashAfterCheckpoint: false);
        int restoredInFlight = 0;
        for (int place = 20; place < 120; place++)
        {
            var storage = new MemoryStorage();
            _ = Live(storage, new TimedJob(isKeyed: true), CheckpointMode.Unaligned, TimeSpan.FromMilliseconds(0.25 * place), seed: place, crashAfterCheckpoint: true);
            var job = new TimedJob(isKeyed: true) { Subtasks = subtasks };
            var after = Live(storage, job, CheckpointMode.Unaligned, Never, seed: place, crashAfterCheckpoint: false);
            Assert.All(after, one => Assert.True(one.Value.Watermark <= expected[one.Key].Watermark, $"{one} of {place}: {expected[one.Key]}"));
            bool lastWasLive = job.InFlightRestored < after.Count;
            Assert.True(!lastWasLive || after[Records - 1] == expected[Records - 1], $"{place}: the last one came at {after.GetValueOrDefault(Records - 1)}");
            restoredInFlight += job.InFlightRestored > 0 ? 1 : 0;
        }
        Assert.True(restoredInFlight > 20);
    }

    [Theory, InlineData(2), InlineData(3)]
    public void A_source_that_goes_on_after_its_end_is_not_late_for_that(int subtasks)
    {
        var storage = new MemoryStorage();
        Assert.Equal(Records, Live(storage, new TimedJob(isKeyed: true), CheckpointMode.Unaligned, Never, seed: 1, crashAfterCheckpoint: false).Count);
        var after = Live(storage, new TimedJob(isKeyed: true) { Records = 2 * Records, Subtasks = subtasks }, CheckpointMode.Unaligned, Never, seed: 1, crashAfterCheckpoint: false);
        Assert.Equal(Enumerable.Range(Records, Records).Select(number => (long)number), after.Keys.Order());
        Assert.InRange(after.Values.Count(seen => seen.IsLate), 5, Records - 5);
    }

    [Fact]
    public void A_watermark_is_the_highest_time_less_what_may_be_out_of_order()
    {
        var chain = new ChainScript<long, string>(
            job => job.Numbers().Rebalance().WithWatermarks("marks", number => number * 10, TimeSpan.FromMilliseconds(25)).Process<TellTime, string>("tell").Rebalance().ToNowhere(), task: 1);
        Assert.Equal(long.MinValue, Pass(chain, long.MinValue));
        chain.Take(10, 12, 11);
        Assert.Equal(94, Pass(chain, long.MinValue));
        chain.Take(9, 10);
        Assert.Equal(94, Pass(chain, 1000));
        Assert.Equal(long.MaxValue, Pass(chain, long.MaxValue));
        Assert.Equal(["100 none", "120 none", "110 none", "90 94", "100 94"], chain.Output.Records);
        Assert.Equal(RecordContext.NoTimestamp, chain.Record.Timestamp);
    }

    [Fact]
    public void The_watermark_of_times_at_the_end_of_the_scale_stays_on_it()
    {
        var chain = new ChainScript<long, string>(
            job => job.Numbers().Rebalance().WithWatermarks("marks", number => number, TimeSpan.FromMilliseconds(25)).Process<TellTime, string>("tell").Rebalance().ToNowhere(), task: 1);
        chain.Take(long.MinValue);
        Assert.Equal(long.MinValue, Pass(chain, long.MinValue));
        chain.Take(long.MinValue + 1);
        Assert.Equal(long.MinValue, Pass(chain, long.MinValue));
        chain.Take(long.MaxValue);
        Assert.Equal(long.MaxValue - 26, Pass(chain, long.MinValue));
    }

    [Fact]
    public void Both_inputs_of_an_operator_see_the_same_watermark()
    {
        var chain = new ChainScript<long, string>(
            job => job.Numbers("a").KeyBy(number => number).ConnectBroadcast(job.Numbers("b").Broadcast()).Process<TellBoth, string>("tell").Rebalance().ToNowhere(), task: 2);
        Assert.Equal(7, Pass(chain, 7));
        var head = (TwoInputOperator<long, long>)chain.Chain.Head;
        long key = 1;
        chain.Record.Hash = KeyCodec.Int64.Hash(in key);
        head.First.Emit(1);
        head.Second.Emit(2);
        Assert.Equal(["7", "7"], chain.Output.Records);
    }

    private static long Pass(ChainScript<long, string> chain, long watermark)
    {
        foreach (var member in chain.Chain.Operators)
        {
            watermark = member.OnWatermark(watermark);
        }
        return watermark;
    }

    /// <summary>One life, to its end or to its first checkpoint; what it saw of each record.</summary>
    private static Dictionary<long, (long Watermark, bool IsLate)> Live(MemoryStorage storage, TimedJob job, CheckpointMode mode, TimeSpan interval, int seed, bool crashAfterCheckpoint)
    {
        SynchronizationContext.SetSynchronizationContext(null); // The test framework's would send continuations to other threads.
        var chance = new SeededChance(seed);
        var executor = new SimulatedExecutor(new SimulatedTime(), chance);
        var runner = new JobRunner(
            job,
            new JobSettings { Name = "timed", MaxParallelism = 8, Parallelism = 1, CheckpointInterval = interval, CheckpointMode = mode, AlignedCheckpointTimeout = mode == CheckpointMode.Unaligned ? TimeSpan.Zero : Never },
            storage,
            null!,
            new JobRunnerServices { Executor = executor, Observer = job, Chance = chance, Spill = new MemorySpill(), Services = job });
        var run = runner.RunAsync(CancellationToken.None, CancellationToken.None);
        for (int steps = 0; !runner.HasEnded && !(crashAfterCheckpoint && job.HasCheckpoint); steps++)
        {
            Assert.True(executor.Step() && steps < 100_000, "It comes to no end.");
        }
        executor.Abandon();
        if (runner.HasEnded)
        {
#pragma warning disable xUnit1031 // It has ended; only the hand-over of its result is another thread's.
            Assert.Equal(JobOutcome.Finished, run.GetAwaiter().GetResult());
#pragma warning restore xUnit1031
        }
        return job.Seen.ToDictionary();
    }

    /// <summary>Numbers whose times are not in order, and an operator behind an edge that says at which watermark it took each.</summary>
    private sealed class TimedJob(bool isKeyed) : IJob, IJobObserver, IServiceProvider
    {
        public SortedDictionary<long, (long Watermark, bool IsLate)> Seen { get; } = [];

        public int Records { get; init; } = EventTimeTests.Records;

        public int Subtasks { get; init; } = 2;

        public bool HasCheckpoint { get; private set; }

        public long InFlightRestored { get; private set; }

        public void Build(JobBuilder job)
        {
            var timed = job.From(new OneByOne(Records)).WithWatermarks("marks", number => (number * 10) + (number * 7919 % 13 * 9), TimeSpan.FromMilliseconds(60));
            var seen = isKeyed
                ? timed.KeyBy(number => number % 5).Process<SeeKeyed, long>("see").WithParallelism(Subtasks)
                : timed.Rebalance().Process<See, long>("see").WithParallelism(Subtasks);
            seen.Rebalance().ToNowhere();
        }

        public void Started(long? restored, long inFlightRecords) => InFlightRestored = inFlightRecords;

        public void CheckpointCompleted(CheckpointReport report) => HasCheckpoint = true;

        public object? GetService(Type serviceType) => serviceType == typeof(TimedJob) ? this : null;

        private sealed class See(TimedJob job) : StreamProcess<long, long>
        {
            public override void Process(in long record, ProcessContext<long> context)
            {
                job.Seen[record] = (context.Watermark, context.Timestamp <= context.Watermark);
                context.Emit(in record);
            }
        }

        private sealed class SeeKeyed(TimedJob job) : KeyedProcess<long, long, long>
        {
            public override void Process(in long record, KeyedContext<long, long> context)
            {
                job.Seen[record] = (context.Watermark, context.Timestamp <= context.Watermark);
                context.Emit(in record);
            }
        }
    }

    private sealed class TellTime : StreamProcess<long, string>
    {
        public override void Process(in long record, ProcessContext<string> context) =>
            context.Emit(string.Create(CultureInfo.InvariantCulture, $"{context.Timestamp} {(context.Watermark == long.MinValue ? "none" : context.Watermark)}"));
    }

    private sealed class TellBoth : KeyedBroadcastProcess<long, long, long, string>
    {
        public override void Process(in long record, KeyedContext<long, string> context) => context.Emit(context.Watermark.ToString(CultureInfo.InvariantCulture));

        public override void ProcessBroadcast(in long record, ProcessContext<string> context) => context.Emit(context.Watermark.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Emits one number in each Step, so that a watermark follows each.</summary>
    private sealed class OneByOne(int records) : SourceDescription<long>("numbers")
    {
        public override Codec<long> Records => Codec.Int64;

        public override ISource<long> Open(IConnectors connectors) => new Source(records);

        private sealed class Source(int records) : ISplitSource<long>
        {
            public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SplitPosition>>([new SplitPosition("all", 0, records)]);

            public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
                Task.FromResult<IReadOnlyList<SplitPosition>>([.. positions.Select(split => split with { StopAt = records })]);

            public ISplitReader<long> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake) => new Reader(splits[0]);

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }

        private sealed class Reader(SplitPosition split) : ISplitReader<long>
        {
            public PollResult Poll(SourceOutput<long> output, int limit)
            {
                if (split.Position == split.StopAt)
                {
                    return PollResult.Finished;
                }
                long number = split.Position;
                output.Emit(in number, default, RecordContext.NoTimestamp);
                split = split with { Position = number + 1 };
                return PollResult.More;
            }

            public void AddPositions(ICollection<SplitPosition> positions) => positions.Add(split);

            public void Dispose()
            {
            }
        }
    }
}
