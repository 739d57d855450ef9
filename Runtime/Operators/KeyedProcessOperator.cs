using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Weir.Runtime.Operators;

/// <summary>Hands each record to the user's operator, with the state of its key. Always the first of its chain, behind a keyed edge.</summary>
internal sealed class KeyedProcessOperator<TKey, TIn, TOut> : Collector<TIn>, IOperator
{
    private readonly KeySetter<TKey, TIn> _keys;
    private readonly KeyedProcess<TKey, TIn, TOut> _process;
    private readonly ProcessParts _parts;
    private readonly KeyedContext<TKey, TOut> _context;

    public KeyedProcessOperator(string id, KeySetter<TKey, TIn> keys, KeyedProcess<TKey, TIn, TOut> process, ProcessParts parts, KeyedContext<TKey, TOut> context)
    {
        Id = id;
        _keys = keys;
        _process = process;
        _parts = parts;
        _context = context;
    }

    public string Id { get; }

    public KeyedState? State => _parts.Keyed;

    public OperatorState? OperatorState => _parts.Operator;

    public override void Emit(in TIn record)
    {
        _keys.Set(in record);
        _process.Process(in record, _context);
    }

    public long OnWatermark(long watermark)
    {
        ((IWatermarkView)_context).Show(watermark);
        return watermark;
    }

    public void Close() => (_process as IDisposable)?.Dispose();
}

/// <summary>Hands each record of one keyed input to the user's operator, which has another input.</summary>
internal sealed class KeyedInputCollector<TKey, TIn, TOut>(KeySetter<TKey, TIn> keys, RecordAction<TIn, KeyedContext<TKey, TOut>> process, KeyedContext<TKey, TOut> context)
    : Collector<TIn>, IKeyedCollector
{
    public override void Emit(in TIn record)
    {
        keys.Set(in record);
        process(in record, context);
    }
}

/// <summary>Points the state at each record's key.</summary>
internal readonly struct KeySetter<TKey, TIn>
{
    private readonly RecordFunc<TIn, TKey> _keyOf;
    private readonly KeyCodec<TKey> _codec;
    private readonly KeyedState _state;
    private readonly RecordContext _record;
    private readonly KeyInHand<TKey> _key;
    private readonly bool _isEightBytes;

    public KeySetter(RecordFunc<TIn, TKey> keyOf, KeyCodec<TKey> codec, KeyedState state, RecordContext record, KeyInHand<TKey> key)
    {
        _keyOf = keyOf;
        _codec = codec;
        _state = state;
        _record = record;
        _key = key;
        _isEightBytes = codec is KeyCodec<long> signed ? signed == KeyCodec.Int64 : codec is KeyCodec<ulong> unsigned && unsigned == KeyCodec.UInt64;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(in TIn record)
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
    }
}
