using BenchmarkDotNet.Attributes;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>Reads and sets a number in the state of a key by chance; an operation is both.</summary>
[MemoryDiagnoser]
public class StateBench
{
    // More than the cache holds, so that keys come back only when they have left it, as far as there are so many.
    private const int Operations = 2 << 20;

    private readonly KeyedState _state = StateKeys.Open();
    private ValueState<long> _sum = null!;
    private HashedKey[] _keys = [];

    [Params(10_000, 1_000_000, 10_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _sum = _state.Value<long>("sum");
        foreach (var (key, hash) in StateKeys.Each(Keys))
        {
            _state.SetKey(hash, key);
            _sum.Value = 0;
        }
        Invariant.Holds(_state.Entries == Keys);
        _keys = StateKeys.Some(Operations, Keys);
        GetAndSet();
        GetAndSetPrefetched();
        _state.SetKey(_keys[0].Hash, _keys[0].Key);
        Invariant.Holds(_sum.Value == 2 * _keys.Count(key => key == _keys[0]));
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public void GetAndSet()
    {
        foreach (var (key, hash) in _keys)
        {
            _state.SetKey(hash, key);
            _sum.Value++;
        }
    }

    /// <summary>Each key is brought near some records before.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public void GetAndSetPrefetched()
    {
        for (int i = 0; i < _keys.Length; i++)
        {
            if (i + StateKeys.Ahead < _keys.Length)
            {
                _state.Prefetch(_keys[i + StateKeys.Ahead].Hash);
            }
            _state.SetKey(_keys[i].Hash, _keys[i].Key);
            _sum.Value++;
        }
    }
}
