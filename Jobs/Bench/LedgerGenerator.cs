using System.Globalization;
using Weir.Runtime;

namespace Weir.Jobs;

/// <summary>Makes ledger entries without a broker: split s of n makes numbers s, s+n, s+2n, ..., so its position is all that a restore needs.</summary>
/// <param name="name">The source's name.</param>
/// <param name="splits">How many splits.</param>
/// <param name="accounts">How many accounts there are.</param>
/// <param name="valueBytes">Bytes of an entry without its account; at least 32.</param>
/// <param name="records">How many entries in all; null never ends.</param>
public sealed class LedgerGenerator(string name, int splits, long accounts, int valueBytes, long? records) : SourceDescription<LedgerEntry>(name)
{
    /// <inheritdoc/>
    public override Codec<LedgerEntry> Records => LedgerCodec.Instance;

    /// <inheritdoc/>
    public override ISplitSource<LedgerEntry> Open(IConnectors connectors) => new Source(splits, accounts, valueBytes - LedgerEntry.ValueLengthMin, records);

    private sealed class Source(int splits, long accounts, int paddingBytes, long? records) : ISplitSource<LedgerEntry>
    {
        public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation)
        {
            var positions = new SplitPosition[splits];
            for (int split = 0; split < splits; split++)
            {
                long? stopAt = records is { } all ? (all - split + splits - 1) / splits : null;
                positions[split] = new SplitPosition(split.ToString(CultureInfo.InvariantCulture), 0, stopAt);
            }
            return Task.FromResult<IReadOnlyList<SplitPosition>>(positions);
        }

        public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
            Task.FromResult(positions);

        public ISplitReader<LedgerEntry> CreateReader(int subtask, IReadOnlyList<SplitPosition> assigned, Action wake) =>
            new Reader([.. assigned], splits, accounts, paddingBytes);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Reader : ISplitReader<LedgerEntry>
    {
        private readonly SplitPosition[] _splits;
        private readonly long[] _firsts;
        private readonly int _stride;
        private readonly long _accounts;
        private readonly byte[] _padding;
        private LedgerEntry _entry;
        private int _turn;

        public Reader(SplitPosition[] splits, int stride, long accounts, int paddingBytes)
        {
            _splits = splits;
            _firsts = Array.ConvertAll(splits, split => long.Parse(split.Split, CultureInfo.InvariantCulture));
            _stride = stride;
            _accounts = accounts;
            _padding = new byte[paddingBytes];
            _entry = new LedgerEntry(Account: 0, Seq: 0, CreatedMs: 0, Amount: 0, Balance: 0, new Slice(0, paddingBytes));
        }

        public PollResult Poll(SourceOutput<LedgerEntry> output, int limit)
        {
            int ended = 0;
            while (limit > 0 && ended < _splits.Length)
            {
                int emitted = Emit(_turn, output, limit);
                limit -= emitted;
                ended = emitted == 0 ? ended + 1 : 0;
                if (!output.MayEmit)
                {
                    return PollResult.More;
                }
                _turn = (_turn + 1) % _splits.Length;
            }
            return ended == _splits.Length ? PollResult.Finished : PollResult.More;
        }

        public void AddPositions(ICollection<SplitPosition> positions)
        {
            foreach (var split in _splits)
            {
                positions.Add(split);
            }
        }

        public void Dispose()
        {
        }

        private int Emit(int index, SourceOutput<LedgerEntry> output, int limit)
        {
            ref var split = ref _splits[index];
            long start = split.Position;
            long end = Math.Min(split.StopAt ?? long.MaxValue, start + limit);
            long position = start;
            while (position < end && output.MayEmit)
            {
                long seq = _firsts[index] + (position * _stride);
                position++;
                // Written some time before it is copied: a copy of what was just written, in wider words, waits for it.
                _entry.Account = LedgerWorkload.AccountOf(seq, _accounts);
                _entry.Seq = seq;
                _entry.Amount = LedgerWorkload.AmountOf(seq);
                LedgerWorkload.WritePadding(seq, _padding);
                output.Emit(in _entry, _padding, RecordContext.NoTimestamp);
            }
            split = split with { Position = position };
            return (int)(position - start);
        }
    }
}
