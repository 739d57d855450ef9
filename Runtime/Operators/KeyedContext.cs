using Weir.Runtime;
using Weir.Runtime.Operators;

namespace Weir;

/// <summary>What goes with a record that a <see cref="KeyedProcess{TKey, TIn, TOut}"/> takes, and where its output goes.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TOut">What is emitted.</typeparam>
public sealed class KeyedContext<TKey, TOut>
{
    private readonly KeyInHand<TKey> _key;
    private readonly RecordContext _record;
    private readonly Collector<TOut> _output;

    internal KeyedContext(KeyInHand<TKey> key, RecordContext record, Collector<TOut> output)
    {
        _key = key;
        _record = record;
        _output = output;
    }

    /// <summary>The record's key.</summary>
    public TKey Key => _key.Value;

    /// <summary>When the record was created, in ms since 1970, or <see cref="RecordContext.NoTimestamp"/>.</summary>
    public long Timestamp => _record.Timestamp;

    /// <summary>What the slices of the record, and of those emitted, refer to.</summary>
    public ReadOnlySpan<byte> Bytes => _record.Bytes;

    /// <summary>Hands on one record; it has the timestamp of the one in hand.</summary>
    public void Emit(in TOut record) => _output.Emit(in record);
}
