using System.Diagnostics;
using Weir.Runtime;

namespace Weir.Jobs;

/// <summary>Counts entries and sums their amounts, and keeps none.</summary>
public sealed class TallySink(string name) : SinkDescription<LedgerEntry>(name)
{
    private long _records;
    private long _amounts;
    private long _lastAt;

    /// <summary>When a subtask last had a Step with entries, by <see cref="Stopwatch.GetTimestamp"/>; 0 before the first.</summary>
    public long LastAt => Interlocked.Read(ref _lastAt);

    /// <summary>Entries of the attempt that ended last.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>The sum of their amounts.</summary>
    public long Amounts => Interlocked.Read(ref _amounts);

    /// <inheritdoc/>
    public override ISink<LedgerEntry> Open(IConnectors connectors)
    {
        Interlocked.Exchange(ref _records, 0);
        Interlocked.Exchange(ref _amounts, 0);
        return new Sink(this);
    }

    private sealed class Sink(TallySink tally) : ISink<LedgerEntry>
    {
        public bool IsTransactional => false;

        public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ISinkWriter<LedgerEntry> CreateWriter(int subtask, Action wake) => new Writer(tally);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Writer(TallySink tally) : ISinkWriter<LedgerEntry>
    {
        private long _records;
        private long _amounts;
        private long _recordsAtLast;

        public bool IsReady => true;

        public void Write(in LedgerEntry record, RecordContext context)
        {
            _records++;
            _amounts += record.Amount;
        }

        public void EndStep()
        {
            if (_records != _recordsAtLast)
            {
                _recordsAtLast = _records;
                Interlocked.Exchange(ref tally._lastAt, Stopwatch.GetTimestamp());
            }
        }

        public void Switch(long checkpoint)
        {
        }

        public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

        public void Dispose()
        {
            Interlocked.Add(ref tally._records, _records);
            Interlocked.Add(ref tally._amounts, _amounts);
            _records = _amounts = 0;
        }
    }
}
