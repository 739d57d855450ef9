using BenchmarkDotNet.Attributes;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>What a snapshot of a million keys costs, and the records beside it.</summary>
[MemoryDiagnoser]
public class StateSnapshotBench
{
    private const int Keys = 1_000_000;
    private const int Operations = 1 << 20;

    private readonly KeyedState _state = StateKeys.Open();
    private readonly HashedKey[] _keys = StateKeys.Some(Operations, Keys);
    private readonly byte[] _memory = new byte[64 << 20];
    private readonly ValueState<long> _sum;

    public StateSnapshotBench()
    {
        _sum = _state.Value<long>("sum");
        foreach (var (key, hash) in StateKeys.Each(Keys))
        {
            _state.SetKey(hash, key);
            _sum.Value = key;
        }
    }

    [GlobalSetup]
    public async Task Check() => Invariant.Holds(await Write() == Keys);

    /// <summary>An operation is a record: one value read and set.</summary>
    [Benchmark(OperationsPerInvoke = Operations, Baseline = true)]
    public void GetAndSet()
    {
        foreach (var (key, hash) in _keys)
        {
            _state.SetKey(hash, key);
            _sum.Value++;
        }
    }

    /// <summary>The same while a snapshot is open that nobody writes: each page is packed once, by the first of these records that changes it.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public void GetAndSetWhileOpen()
    {
        using var snapshot = _state.Snapshot();
        GetAndSet();
    }

    /// <summary>An operation is a snapshot: what a subtask does at a barrier.</summary>
    [Benchmark]
    public void BeginAndEnd() => _state.Snapshot().Dispose();

    /// <summary>An operation is an entry: packed, written and checked off beside the records.</summary>
    [Benchmark(OperationsPerInvoke = Keys)]
    public async Task<long> Write()
    {
        using var snapshot = _state.Snapshot();
        await using var file = new MemoryFile(_memory);
        var writer = new SegmentWriter(file, "state");
        var parts = await snapshot.WriteAsync(writer, CancellationToken.None);
        await writer.FlushAsync(CancellationToken.None);
        return parts.Sum(part => part.Entries);
    }
}
