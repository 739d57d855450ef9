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
    private readonly SideOutputs _sides;

    internal KeyedContext(KeyInHand<TKey> key, RecordContext record, Collector<TOut> output, SideOutputs sides)
    {
        _key = key;
        _record = record;
        _output = output;
        _sides = sides;
    }

    /// <summary>The record's key.</summary>
    public TKey Key => _key.Value;

    /// <summary>When the record was created, in ms since 1970, or <see cref="RecordContext.NoTimestamp"/>.</summary>
    public long Timestamp => _record.Timestamp;

    /// <summary>How far event time has come here, in ms since 1970: the lowest that all inputs have reached; <see cref="long.MinValue"/> before any watermark, <see cref="long.MaxValue"/> at the end.</summary>
    /// <remarks>A record whose timestamp is not above it is late. Only streams behind a <see cref="DataStream{T}.WithWatermarks(string, Func{T, long}, TimeSpan, TimeSpan?)"/> have watermarks.</remarks>
    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>What the slices of the record, and of those emitted, refer to.</summary>
    public ReadOnlySpan<byte> Bytes => _record.Bytes;

    /// <summary>Hands on one record; it has the timestamp of the one in hand.</summary>
    public void Emit(in TOut record) => _output.Emit(in record);

    /// <summary>Hands one record to a side output; it has the timestamp of the one in hand.</summary>
    /// <exception cref="JobException"><see cref="JobFailure.Permanent"/>: the job does not read that side output, so the record would be lost.</exception>
    public void Emit<TSide>(OutputTag<TSide> tag, in TSide record) => _sides.Emit(tag, in record);

    /// <summary>Whether the job reads a side output.</summary>
    public bool IsRead(OutputTag tag) => _sides.IsRead(tag);

    void IWatermarkView.Show(long watermark) => Watermark = watermark;
}
