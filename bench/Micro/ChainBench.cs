using BenchmarkDotNet.Attributes;
using Weir.Jobs;
using Weir.Runtime;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Operators;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>A record through map, filter and map; an operation is a record.</summary>
[MemoryDiagnoser]
public class ChainBench
{
    private const int BatchesPerRound = 4;
    private const int Records = BatchesPerRound * Batch.Capacity;

    private readonly StillExecutor _executor = new();
    private readonly RecordContext _record = new();
    private readonly TallyEnd _end = new();
    private readonly Collector<LedgerEntry> _head;
    private readonly Channel<LedgerEntry> _channel;
    private readonly Batch<LedgerEntry> _filled;

    public ChainBench()
    {
        var second = new MapOperator<LedgerEntry, LedgerEntry>("second", static (in entry) => entry with { Balance = entry.Amount }, _end);
        var filter = new FilterOperator<LedgerEntry>("filter", static (in entry) => entry.Amount > 0, second);
        var first = new MapOperator<LedgerEntry, LedgerEntry>("first", static (in entry) => entry with { Amount = entry.Amount + 1 }, filter);
        _head = first;
        _channel = Wiring.Channels(1)[0];
        var subtask = Wiring.Subtask(_executor, [_channel], _head, _record, first, filter, second);
        _channel.Credit = new GateCredit(BatchesPerRound) { Producer = subtask };

        var context = Entries.Context();
        var entries = Entries.Make(Batch.Capacity, accounts: 1_000_000);
        _filled = new BatchPool<LedgerEntry>("bench").Rent();
        foreach (ref readonly var entry in entries.AsSpan())
        {
            _filled.Add(in entry, context, LedgerCodec.Instance);
        }
        Check(Chain, entries);
        Check(Step, entries);
    }

    /// <summary>The operators alone.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public void Chain()
    {
        for (int i = 0; i < BatchesPerRound; i++)
        {
            for (int index = 0; index < _filled.Count; index++)
            {
                _head.Emit(in _filled.Items[index]);
            }
        }
    }

    /// <summary>The same inside a subtask that is stepped: woken by its channel, its batches taken and returned.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public void Step()
    {
        for (int i = 0; i < BatchesPerRound; i++)
        {
            _filled.Retain();
            _ = _channel.Credit.Take();
            _channel.Put(_filled);
        }
        _executor.RunToRest();
    }

    private void Check(Action run, LedgerEntry[] entries)
    {
        long records = _end.Records, amounts = _end.Amounts;
        run();
        Invariant.Holds(_end.Records - records == Records);
        Invariant.Holds(_end.Amounts - amounts == BatchesPerRound * (entries.Sum(entry => entry.Amount) + entries.Length));
    }
}
