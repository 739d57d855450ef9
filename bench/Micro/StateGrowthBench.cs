using BenchmarkDotNet.Attributes;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>Fills an empty state with new keys; an operation is a key.</summary>
[MemoryDiagnoser]
public class StateGrowthBench
{
    private const int Keys = 1_000_000;

    private readonly HashedKey[] _keys = StateKeys.Each(Keys);

    [GlobalSetup]
    public void Check() => Invariant.Holds(Grow() == Keys);

    [Benchmark(OperationsPerInvoke = Keys)]
    public long Grow()
    {
        var state = StateKeys.Open();
        var sum = state.Value<long>("sum");
        foreach (var (key, hash) in _keys)
        {
            state.SetKey(hash, key);
            sum.Value = 1;
        }
        return state.Entries;
    }
}
