using BenchmarkDotNet.Attributes;
using Weir.Jobs;
using Weir.Runtime;
using Weir.Runtime.Elements;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>A record into a batch, and out of it; an operation is a record.</summary>
[MemoryDiagnoser]
public class BatchBench
{
    private readonly BatchPool<LedgerEntry> _pool = new("bench");
    private readonly LedgerEntry[] _entries = Entries.Make(Batch.Capacity, accounts: 1_000_000);
    private readonly RecordContext _context = Entries.Context();
    private readonly Batch<LedgerEntry> _filled;

    // Fields, as in a gate: the compiler does not know whether there are slices.
    private readonly Codec<LedgerEntry>? _noSlices;
    private readonly Codec<LedgerEntry>? _slices = LedgerCodec.Instance;

    public BatchBench()
    {
        _noSlices = null;
        _filled = _pool.Rent();
        Fill(_filled, _slices);
        Invariant.Holds(_filled.Count == _entries.Length);
        Invariant.Holds(Read() == _entries.Sum(entry => entry.Amount));
    }

    [Benchmark(OperationsPerInvoke = Batch.Capacity)]
    public void AddFixed() => FillOne(_noSlices);

    [Benchmark(OperationsPerInvoke = Batch.Capacity)]
    public void AddWithSlice() => FillOne(_slices);

    [Benchmark(OperationsPerInvoke = Batch.Capacity)]
    public long Read()
    {
        long amounts = 0;
        for (int index = 0; index < _filled.Count; index++)
        {
            _context.Timestamp = _filled.Timestamps[index];
            _context.Hash = _filled.Hashes[index];
            amounts += _filled.Items[index].Amount;
        }
        return amounts;
    }

    /// <summary>What a batch costs beside its records; an operation is a batch.</summary>
    [Benchmark]
    public void RentAndLetGo() => _pool.Rent().LetGo();

    private void FillOne(Codec<LedgerEntry>? slices)
    {
        var batch = _pool.Rent();
        Fill(batch, slices);
        batch.LetGo();
    }

    private void Fill(Batch<LedgerEntry> batch, Codec<LedgerEntry>? slices)
    {
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            batch.Add(in entry, _context, slices);
        }
    }
}
