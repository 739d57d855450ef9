using BenchmarkDotNet.Attributes;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>Values of no fixed size, here 32 bytes, in the state of a key by chance.</summary>
[MemoryDiagnoser]
public class StateValueBench
{
    private const int Operations = 1 << 20;

    private readonly KeyedState _state = StateKeys.Open();
    private readonly byte[] _value = new byte[32];
    private ValueState<byte[]> _values = null!;
    private HashedKey[] _keys = [];

    [Params(10_000, 1_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _values = _state.Value("values", Codec.Bytes);
        foreach (var (key, hash) in StateKeys.Each(Keys))
        {
            _state.SetKey(hash, key);
            _values.Value = _value;
        }
        Invariant.Holds(_state.Entries == Keys);
        _keys = StateKeys.Some(Operations, Keys);
        Invariant.Holds(Get() == Operations * _value.Length);
    }

    /// <summary>The array that is read is the one allocation.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public int Get()
    {
        int bytes = 0;
        foreach (var (key, hash) in _keys)
        {
            _state.SetKey(hash, key);
            bytes += _values.Value.Length;
        }
        return bytes;
    }

    /// <summary>What it writes, and leaves behind, is compacted as it goes.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public void Set()
    {
        foreach (var (key, hash) in _keys)
        {
            _state.SetKey(hash, key);
            _values.Value = _value;
        }
    }
}
