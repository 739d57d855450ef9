using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Sources that push from a thread of their own, in a job on real threads. What they do in every order of steps, the simulation shows.</summary>
public sealed class LegacySourceTests : IDisposable
{
    private const int Records = 20_000;
    private const int Keys = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("weir").FullName;

    [Theory, InlineData(CheckpointMode.Unaligned), InlineData(CheckpointMode.Aligned)]
    public async Task An_operator_that_throws_under_a_hold_costs_and_repeats_nothing(CheckpointMode mode)
    {
        var job = new CountingJob(new PushedNumbers(Records)) { ThrowsAt = Records / 2 };
        Assert.Equal(JobOutcome.Finished, await RunAsync(job, mode, new CancellationTokenSource()));
        Assert.True(job.Thrown);
        Assert.Equal(Enumerable.Repeat((long)Records / Keys, Keys), job.Counts.Latest.Select(count => count.Value));
    }

    [Fact]
    public async Task A_source_that_throws_between_its_holds_is_started_again_where_it_stood()
    {
        var source = new PushedNumbers(Records) { ThrowsAt = Records / 2 };
        var job = new CountingJob(source);
        Assert.Equal(JobOutcome.Finished, await RunAsync(job, CheckpointMode.Unaligned, new CancellationTokenSource()));
        Assert.True(source.Starts > 1);
        Assert.Equal(Enumerable.Repeat((long)Records / Keys, Keys), job.Counts.Latest.Select(count => count.Value));
    }

    [Fact]
    public async Task One_that_waits_for_room_is_ended_and_checkpoints_do_not_wait_for_it()
    {
        using var stop = new CancellationTokenSource();
        var reports = new List<CheckpointReport>();
        var observer = new StopAfter(3, stop, reports);
        Assert.Equal(JobOutcome.Stopped, await RunAsync(new CountingJob(new PushedNumbers(1_000_000)) { RecordsPerSecond = 50 }, CheckpointMode.Unaligned, stop, observer));
        // At fifty records a second what is queued would take minutes.
        Assert.True(reports.Count(report => report.InFlightRecords > 0) >= 2, string.Join('\n', reports));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<JobOutcome> RunAsync(IJob job, CheckpointMode mode, CancellationTokenSource stop, IJobObserver? observer = null)
    {
        var runner = new JobRunner(
            job,
            new JobSettings
            {
                Name = "pushed",
                Parallelism = 2,
                CheckpointInterval = TimeSpan.FromMilliseconds(5),
                CheckpointMode = mode,
                AlignedCheckpointTimeout = TimeSpan.Zero,
                Restart = new RestartSettings { InitialDelay = TimeSpan.FromMilliseconds(1) },
            },
            new LocalStorage(_folder),
            null!,
            new JobRunnerServices { Observer = observer });
        return await runner.RunAsync(stop.Token, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private sealed class CountingJob(PushedNumbers source) : IJob
    {
        private int _thrown;

        public LatestSink<long, long> Counts { get; } = new("counts");

        public long ThrowsAt { get; init; } = -1;

        public double? RecordsPerSecond { get; init; }

        public bool Thrown => _thrown > 0;

        public void Build(JobBuilder job)
        {
            var numbers = job.From(source).Map(ThrowOnce).WithCodec(Codec.Int64).KeyBy(number => number % Keys)
                .Aggregate("count", 0L, (count, _) => count + 1, (key, count) => (key, count));
            (RecordsPerSecond is { } rate ? numbers.Throttle(rate) : numbers).To(Counts);
        }

        private long ThrowOnce(long number) =>
            number == ThrowsAt && Interlocked.Exchange(ref _thrown, 1) == 0 ? throw new InvalidOperationException("once") : number;
    }

    /// <summary>Numbers from 0 on, pushed by two subtasks: the even ones, and the odd ones.</summary>
    private sealed class PushedNumbers(long count) : SourceDescription<long>("numbers"), ILegacySource<long>
    {
        private int _starts;
        private int _thrown;

        public long ThrowsAt { get; init; } = -1;

        public int Starts => _starts;

        public override Codec<long> Records => Codec.Int64;

        public override ISource<long> Open(IConnectors connectors)
        {
            Interlocked.Increment(ref _starts);
            return this;
        }

        public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<SplitPosition>>([new SplitPosition("even", 0, count), new SplitPosition("odd", 1, count)]);

        public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) => Task.FromResult(positions);

        public ILegacyReader<long> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits) => new Reader(this, splits[0]);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private sealed class Reader(PushedNumbers source, SplitPosition split) : ILegacyReader<long>
        {
            private SplitPosition _split = split;

            public void Run(LegacyContext<long> context, CancellationToken cancellation)
            {
                while (_split.Position < _split.StopAt)
                {
                    if (_split.Position == source.ThrowsAt && Interlocked.Exchange(ref source._thrown, 1) == 0)
                    {
                        throw new InvalidOperationException("once");
                    }
                    using var hold = context.Hold();
                    hold.Emit(_split.Position);
                    _split = _split with { Position = _split.Position + 2 };
                }
            }

            public void AddPositions(ICollection<SplitPosition> positions) => positions.Add(_split);

            public void Dispose()
            {
            }
        }
    }

    private sealed class StopAfter(int checkpoints, CancellationTokenSource stop, List<CheckpointReport> reports) : IJobObserver
    {
        public void CheckpointCompleted(CheckpointReport report)
        {
            reports.Add(report);
            if (reports.Count == checkpoints)
            {
                stop.Cancel();
            }
        }
    }
}
