using Weir.Runtime;

namespace Weir.Tests.Doubles;

/// <summary>Numbers from a first one on, dealt to splits in turn: split <c>i</c> of <c>n</c> has every <c>n</c>th. Gives a few at a time, so that batches are small.</summary>
/// <param name="name">The source's name.</param>
/// <param name="splits">How many splits.</param>
/// <param name="count">How many numbers in all.</param>
/// <param name="first">The first of them.</param>
/// <param name="ends">Whether it ends after them; otherwise it waits for more, in vain.</param>
internal sealed class NumberSource(string name, int splits, int count, long first = 0, bool ends = true) : SourceDescription<long>(name), ISplitSource<long>
{
    private const int RecordsPerPoll = 8;

    public override Codec<long> Records => Codec.Int64;

    public override ISource<long> Open(IConnectors connectors) => this;

    public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<SplitPosition>>([.. Enumerable.Range(0, splits).Select(split => new SplitPosition($"{Name}-{split}", first + split, first + count))]);

    public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        Task.FromResult(positions);

    public ISplitReader<long> CreateReader(int subtask, IReadOnlyList<SplitPosition> own, Action wake) => new Reader([.. own], splits, ends, wake);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Reader(SplitPosition[] own, int step, bool ends, Action wake) : ISplitReader<long>
    {
        private int _turn;

        public PollResult Poll(SourceOutput<long> output, int limit)
        {
            for (int given = 0; given < RecordsPerPoll && !AllRead; given++)
            {
                if (!output.MayEmit)
                {
                    return PollResult.More;
                }
                ref var split = ref Next();
                long number = split.Position;
                output.Emit(in number, default, RecordContext.NoTimestamp);
                split = split with { Position = number + step };
            }
            if (AllRead)
            {
                return ends ? PollResult.Finished : PollResult.Idle;
            }
            wake();
            return PollResult.Idle;
        }

        public void AddPositions(ICollection<SplitPosition> positions)
        {
            foreach (var split in own)
            {
                positions.Add(split);
            }
        }

        public void Dispose()
        {
        }

        private bool AllRead => Array.TrueForAll(own, static split => split.Position >= split.StopAt);

        private ref SplitPosition Next()
        {
            do
            {
                _turn = (_turn + 1) % own.Length;
            }
            while (own[_turn].Position >= own[_turn].StopAt);
            return ref own[_turn];
        }
    }
}
