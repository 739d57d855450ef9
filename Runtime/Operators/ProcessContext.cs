using Weir.Runtime;

namespace Weir;

/// <summary>What goes with a record that an operator of the user's takes, and where its output goes.</summary>
/// <typeparam name="TOut">What is emitted.</typeparam>
public sealed class ProcessContext<TOut>
{
    private readonly RecordContext _record;
    private readonly Collector<TOut> _output;

    internal ProcessContext(RecordContext record, Collector<TOut> output)
    {
        _record = record;
        _output = output;
    }

    /// <summary>When the record was created, in ms since 1970, or <see cref="RecordContext.NoTimestamp"/>.</summary>
    public long Timestamp => _record.Timestamp;

    /// <summary>What the slices of the record, and of those emitted, refer to.</summary>
    public ReadOnlySpan<byte> Bytes => _record.Bytes;

    /// <summary>Hands on one record; it has the timestamp of the one in hand.</summary>
    public void Emit(in TOut record) => _output.Emit(in record);
}
