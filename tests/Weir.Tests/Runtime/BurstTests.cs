using System.Buffers.Binary;
using System.Collections.Concurrent;
using Weir.Runtime;
using Weir.Runtime.Graph;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>One record of which an operator, or a hold of a pushing source, makes a hundred thousand: on real threads, while nobody takes them.</summary>
public sealed class BurstTests : IDisposable
{
    private const int Parcels = 100_000;

    private const long DefaultBudget = 64L << 20;

    // 256 places of 12 bytes, beside time and hash, and the KiB of 32 records.
    private const long BatchBytesMin = (256 * 24) + (32 << 10);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-burst-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, false)]
    [InlineData(8L << 20, false)]
    [InlineData(DefaultBudget, false)]
    [InlineData(0, true)]
    [InlineData(8L << 20, true)]
    public async Task It_never_holds_up_a_barrier_and_each_of_its_records_is_there_once_after_a_restore(long budget, bool isPushed)
    {
        using var cancel = new CancellationTokenSource();
        await using var blocked = new ParcelSink(isOpen: false);
        OverflowStatus? overflow = null;
        JobRunner? runner = null;
        var observer = new Reports(report =>
        {
            if (report.InFlightRecords > 0)
            {
                Assert.Equal(Parcels, report.InFlightRecords);
                Assert.True(report.InFlightBytes > Parcels * 1024L);
                overflow = runner!.Status.Overflow;
                cancel.Cancel();
            }
        });
        runner = Runner(new BurstJob(isPushed, blocked), budget, new LocalSpillStorage(_folder), observer);
        Assert.Equal(JobOutcome.Cancelled, await RunAsync(runner, cancel.Token));
        Assert.Empty(blocked.Taken);
        Check(overflow!, budget);
        Assert.Equal(0, runner.Status.Overflow.SpilledBytes);
        Assert.Empty(Directory.GetFiles(_folder, "spill*", SearchOption.AllDirectories));

        await using var open = new ParcelSink(isOpen: true);
        Assert.Equal(JobOutcome.Finished, await RunAsync(Runner(new BurstJob(isPushed, open), budget, new LocalSpillStorage(_folder), new Reports(_ => { }))));
        Assert.Equal(Enumerable.Range(0, Parcels), open.Taken.Order());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_disk_that_is_full_ends_the_attempt_and_costs_and_repeats_nothing(bool catches)
    {
        using var spill = new MemorySpill { WritesThatFail = 1 };
        await using var sink = new ParcelSink(isOpen: true);
        var job = new BurstJob(isPushed: false, sink) { Catches = catches };
        var observer = new Reports(_ => { });
        Assert.Equal(JobOutcome.Finished, await RunAsync(Runner(job, budget: 0, spill, observer)));
        Assert.Contains("takes no more: No space left on device", Assert.Single(observer.Failures), StringComparison.Ordinal);
        // The sink is not transactional: what it took before the failure may be there twice.
        Assert.Equal(Enumerable.Range(0, Parcels), sink.Taken.Distinct().Order());
    }

    private static void Check(OverflowStatus overflow, long budget)
    {
        // All that one record made is there at once, so what was kept is what memory holds.
        Assert.InRange(overflow.BatchesInMemory * BatchBytesMin, budget / 2, budget);
        Assert.Equal(5, overflow.BatchesOverdrawn);
        long kept = (overflow.BatchesInMemory + overflow.BatchesOverdrawn + 12) * 33;
        Assert.InRange(overflow.SpilledBytes, (Parcels - kept) * 1024, Parcels * 1100L);
        Assert.InRange(overflow.BatchesSpilled, overflow.SpilledBytes / (64 << 10), overflow.SpilledBytes / (24 << 10));
    }

    private static Task<JobOutcome> RunAsync(JobRunner runner, CancellationToken? cancel = null) =>
        runner.RunAsync(CancellationToken.None, cancel ?? TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    private JobRunner Runner(BurstJob job, long budget, ISpillStorage spill, IJobObserver observer) => new(
        job,
        new JobSettings
        {
            Name = "burst",
            Parallelism = 2,
            CheckpointInterval = TimeSpan.FromMilliseconds(20),
            AlignedCheckpointTimeout = TimeSpan.Zero,
            MaxOverflowBytes = budget,
            Restart = new RestartSettings { InitialDelay = TimeSpan.FromMilliseconds(1) },
        },
        new LocalStorage(_folder, fsync: false),
        null!,
        new JobRunnerServices { Observer = observer, Spill = spill });

    /// <summary>A parcel's number, and a KiB.</summary>
    private readonly record struct Parcel(int Number, Slice Body);

    private sealed class BurstJob(bool isPushed, ParcelSink sink) : IJob
    {
        /// <summary>Whether the operator catches what its collector throws, as if the record were done.</summary>
        public bool Catches { get; init; }

        public void Build(JobBuilder job)
        {
            var source = job.From(new OneHold(isPushed ? Parcels : 1));
            var parcels = isPushed ? source : source.FlatMap<Parcel>(Burst).WithCodec(ParcelCodec.Instance);
            parcels.KeyBy(parcel => (long)parcel.Number).To(sink);
        }

        private void Burst(in Parcel one, Collector<Parcel> output)
        {
            for (int number = 0; number < Parcels; number++)
            {
                try
                {
                    output.Emit(one with { Number = number });
                }
                catch (JobException) when (Catches)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Pushes so many parcels under one hold, and then has no more.</summary>
    private sealed class OneHold(int parcels) : SourceDescription<Parcel>("parcels"), ILegacySource<Parcel>
    {
        public override Codec<Parcel> Records => ParcelCodec.Instance;

        public override ISource<Parcel> Open(IConnectors connectors) => this;

        public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SplitPosition>>([new SplitPosition("one", 0, 1)]);

        public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) => Task.FromResult(positions);

        public ILegacyReader<Parcel> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits) => new Reader(parcels, splits);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private sealed class Reader(int parcels, IReadOnlyList<SplitPosition> splits) : ILegacyReader<Parcel>
        {
            private readonly SplitPosition[] _splits = [.. splits];

            public void Run(LegacyContext<Parcel> context, CancellationToken cancellation)
            {
                if (_splits is not [{ Position: 0 }])
                {
                    return;
                }
                using var hold = context.Hold();
                byte[] body = new byte[1024];
                for (int number = 0; number < parcels; number++)
                {
                    hold.Emit(new Parcel(number, new Slice(0, body.Length)), body, RecordContext.NoTimestamp);
                }
                _splits[0] = _splits[0] with { Position = 1 };
            }

            public void AddPositions(ICollection<SplitPosition> positions) => Array.ForEach(_splits, positions.Add);

            public void Dispose()
            {
            }
        }
    }

    /// <summary>Takes everything, or nothing at all.</summary>
    private sealed class ParcelSink(bool isOpen) : SinkDescription<Parcel>("out"), ISink<Parcel>, ISinkWriter<Parcel>
    {
        private readonly ConcurrentQueue<int> _taken = [];

        public IReadOnlyCollection<int> Taken => _taken;

        bool ISink<Parcel>.IsTransactional => false;

        public bool IsReady => isOpen;

        public override ISink<Parcel> Open(IConnectors connectors) => this;

        public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ISinkWriter<Parcel> CreateWriter(int subtask, Action wake) => this;

        public void Write(in Parcel record, RecordContext context)
        {
            Assert.Equal(1024, record.Body.In(context.Bytes).Length);
            _taken.Enqueue(record.Number);
        }

        public void EndStep()
        {
        }

        public void Switch(long checkpoint)
        {
        }

        public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ParcelCodec : Codec<Parcel>
    {
        public static ParcelCodec Instance { get; } = new();

        public override CodecId Id => new("test.parcel", 1);

        public override bool HasSlices => true;

        public override void Encode(in Parcel value, ReadOnlySpan<byte> bytes, ByteArena output)
        {
            output.WriteInt32(value.Number);
            output.Append(value.Body.In(bytes));
        }

        public override Parcel Decode(ReadOnlySpan<byte> encoded) => new(BinaryPrimitives.ReadInt32BigEndian(encoded), new Slice(sizeof(int), encoded.Length - sizeof(int)));

        public override void Move(ref Parcel value, ReadOnlySpan<byte> from, ByteArena target) => value = value with { Body = target.Append(value.Body.In(from)) };
    }

    private sealed class Reports(Action<CheckpointReport> completed) : IJobObserver
    {
        public List<string> Failures { get; } = [];

        public void CheckpointCompleted(CheckpointReport report) => completed(report);

        public void Restarting(Exception failure, TimeSpan delay) => Failures.Add(failure.Message);
    }
}
