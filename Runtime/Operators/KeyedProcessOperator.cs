using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Weir.Runtime.Operators;

/// <summary>Points the state at each record's key, and hands the record to the user's operator. Always the first of its chain, behind a keyed edge.</summary>
internal sealed class KeyedProcessOperator<TKey, TIn, TOut> : Collector<TIn>, IOperator
{
    private readonly RecordFunc<TIn, TKey> _keyOf;
    private readonly KeyCodec<TKey> _codec;
    private readonly KeyedProcess<TKey, TIn, TOut> _process;
    private readonly KeyedState _state;
    private readonly RecordContext _record;
    private readonly KeyInHand<TKey> _key;
    private readonly bool _isEightBytes;
    private readonly KeyedContext<TKey, TOut> _context;

    public KeyedProcessOperator(
        string id, RecordFunc<TIn, TKey> keyOf, KeyCodec<TKey> codec, KeyedProcess<TKey, TIn, TOut> process, KeyedState state, RecordContext record, Collector<TOut> output)
    {
        Id = id;
        _keyOf = keyOf;
        _codec = codec;
        _process = process;
        _state = state;
        _record = record;
        _key = new KeyInHand<TKey>(codec);
        _context = new KeyedContext<TKey, TOut>(_key, record, output);
        _isEightBytes = codec is KeyCodec<long> signed ? signed == KeyCodec.Int64 : codec is KeyCodec<ulong> unsigned && unsigned == KeyCodec.UInt64;
        record.KeyInHand = _key;
    }

    public string Id { get; }

    public KeyedState State => _state;

    public override void Emit(in TIn record)
    {
        var key = _keyOf(in record);
        Debug.Assert(_record.Hash == _codec.Hash(in key), "the keyed edge and the operator read different keys");
        _key.Value = key;
        if ((typeof(TKey) == typeof(long) || typeof(TKey) == typeof(ulong)) && _isEightBytes)
        {
            _state.SetKey(_record.Hash, Unsafe.As<TKey, long>(ref key));
        }
        else
        {
            _state.SetKey(_record.Hash, _key.Bytes);
        }
        _process.Process(in record, _context);
    }

    public void Close() => (_process as IDisposable)?.Dispose();
}
