using System.Globalization;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Golden;

/// <summary>A job whose checkpoints hold a bit of everything that is stored: positions, keyed state of either form, operator state of each kind, and records in flight.</summary>
internal sealed class GoldenJob(double recordsPerSecond = 1e9) : IJob
{
    public const int Records = 300;

    private const int Keys = 7;

    /// <summary>What is left of a number when it is divided by this is its key.</summary>
    public long Divisor { get; init; } = Keys;

    /// <summary>What came out.</summary>
    public LatestSink<long, string> Totals { get; } = new("totals");

    /// <summary>What it comes to in the end, whatever happened in between.</summary>
    public static IEnumerable<KeyValuePair<long, string>> Expected => Enumerable.Range(0, Records).GroupBy(number => (long)number % Keys)
        .Select(key => KeyValuePair.Create(key.Key, string.Create(CultureInfo.InvariantCulture, $"{key.Count()} {key.Sum()}"))).OrderBy(total => total.Key);

    public void Build(JobBuilder job)
    {
        job.From(new GoldenNumbers()).Throttle(2 * recordsPerSecond).Rebalance().Process<Remember, long>("remember").WithCodec(Codec.Int64)
            .KeyBy(number => number % Divisor).Process<Total, (long Key, string Value)>("total")
            .Throttle(recordsPerSecond).To(Totals);
    }

    private sealed class Remember(OperatorState state) : StreamProcess<long, long>
    {
        private readonly OperatorList<long> _list = state.List<long>("list");
        private readonly OperatorList<string> _union = state.UnionList<string>("union");
        private readonly BroadcastState<string, long> _broadcast = state.Broadcast<string, long>("broadcast");

        public override void Process(in long record, ProcessContext<long> context)
        {
            _list.Update([record]);
            _union.Update([$"last {record}"]);
            _broadcast["rule"] = 1;
            context.Emit(in record);
        }
    }

    private sealed class Total(KeyedState state) : KeyedProcess<long, long, (long Key, string Value)>
    {
        private readonly ValueState<long> _count = state.Value<long>("count");
        private readonly ValueState<string> _sum = state.Value("sum", "0");

        public override void Process(in long record, KeyedContext<long, (long Key, string Value)> context)
        {
            _count.Value++;
            _sum.Value = (long.Parse(_sum.Value, CultureInfo.InvariantCulture) + record).ToString(CultureInfo.InvariantCulture);
            context.Emit((context.Key, $"{_count.Value} {_sum.Value}"));
        }
    }

    private sealed class GoldenNumbers() : SourceDescription<long>("numbers")
    {
        public override Codec<long> Records => Codec.Int64;

        public override ISource<long> Open(IConnectors connectors) => new Source();

        private sealed class Source : ISplitSource<long>
        {
            public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) =>
                Task.FromResult<IReadOnlyList<SplitPosition>>([new SplitPosition("even", 0, GoldenJob.Records), new SplitPosition("odd", 1, GoldenJob.Records)]);

            public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
                Task.FromResult(positions);

            public ISplitReader<long> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake) => new Reader([.. splits]);

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }

        private sealed class Reader(SplitPosition[] splits) : ISplitReader<long>
        {
            public PollResult Poll(SourceOutput<long> output, int limit)
            {
                foreach (ref var split in splits.AsSpan())
                {
                    for (; split.Position < split.StopAt && output.MayEmit; split = split with { Position = split.Position + 2 })
                    {
                        long number = split.Position;
                        output.Emit(in number, default, number);
                    }
                }
                return Array.TrueForAll(splits, split => split.Position >= split.StopAt) ? PollResult.Finished : PollResult.More;
            }

            public void AddPositions(ICollection<SplitPosition> positions)
            {
                foreach (var split in splits)
                {
                    positions.Add(split);
                }
            }

            public void Dispose()
            {
            }
        }
    }
}
