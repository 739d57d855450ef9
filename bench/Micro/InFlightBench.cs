using BenchmarkDotNet.Attributes;
using Weir.Jobs;
using Weir.Runtime;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>A record as a checkpoint stores it in flight, and back; an operation is a record of 108 bytes.</summary>
[MemoryDiagnoser]
public class InFlightBench
{
    private readonly BatchPool<LedgerEntry> _pool = new("bench");
    private readonly RecordFormat<LedgerEntry> _format = new(LedgerCodec.Instance);
    private readonly RecordContext _context = Entries.Context();
    private readonly ByteArena _stored = new();
    private readonly Batch<LedgerEntry> _filled;

    public InFlightBench()
    {
        var entries = Entries.Make(Batch.Capacity, accounts: 1_000_000);
        _filled = _pool.Rent();
        foreach (ref readonly var entry in entries.AsSpan())
        {
            _filled.Add(in entry, _context, LedgerCodec.Instance);
        }
        Invariant.Holds(Encode() == Batch.Capacity);
        Invariant.Holds(Decode() == _stored.Length);
    }

    [Benchmark(OperationsPerInvoke = Batch.Capacity)]
    public int Encode()
    {
        _stored.Clear();
        return _format.Encode(_filled, from: 0, int.MaxValue, _stored);
    }

    [Benchmark(OperationsPerInvoke = Batch.Capacity)]
    public int Decode()
    {
        var batch = _pool.Rent();
        int read = _format.Decode(_stored.Written, batch, _context);
        batch.LetGo();
        return read;
    }
}
