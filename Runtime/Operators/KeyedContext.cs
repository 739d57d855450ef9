using Weir.Runtime;
using Weir.Runtime.Operators;

namespace Weir;

/// <summary>What goes with a record that a <see cref="KeyedProcess{TKey, TIn, TOut}"/> takes, and where its output goes.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TOut">What is emitted.</typeparam>
public sealed class KeyedContext<TKey, TOut> : IWatermarkView
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

    /// <summary>How far event time has come here, in ms since 1970: the lowest that all inputs have reached; <see cref="long.MinValue"/> before any watermark, <see cref="long.MaxValue"/> at the end.</summary>
    /// <remarks>A record whose timestamp is not above it is late. Only streams behind a <see cref="DataStream{T}.WithWatermarks(string, Func{T, long}, TimeSpan)"/> have watermarks.</remarks>
    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>What the slices of the record, and of those emitted, refer to.</summary>
    public ReadOnlySpan<byte> Bytes => _record.Bytes;

    /// <summary>Hands on one record; it has the timestamp of the one in hand.</summary>
    public void Emit(in TOut record) => _output.Emit(in record);

    void IWatermarkView.Show(long watermark) => Watermark = watermark;
}
