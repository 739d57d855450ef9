using Weir.Runtime.Operators;

namespace Weir.Runtime;

/// <summary>Where a reader's records go: the first operator of its chain.</summary>
/// <typeparam name="T">The record.</typeparam>
public sealed class SourceOutput<T>
{
    private readonly RecordContext _context;
    private readonly Collector<T> _next;
    private readonly SideOutputs _sides;

    internal SourceOutput(RecordContext context, Collector<T> next, SideOutputs? sides = null)
    {
        _context = context;
        _next = next;
        _sides = sides ?? new SideOutputs("source");
    }

    /// <summary>Whether another record may be emitted; when false, the reader returns and keeps its place.</summary>
    public bool MayEmit => !_context.StopAfterThis;

    /// <summary>Hands on one record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="bytes">What its slices refer to; borrowed until this returns.</param>
    /// <param name="timestamp">When it was created, in ms since 1970, or <see cref="RecordContext.NoTimestamp"/>.</param>
    /// <param name="split">Which split it is of: its place, from 0, in the list that the reader was made with. So watermarks that are made of the source's records follow each split by itself. -1 (the default) does not say.</param>
    public unsafe void Emit(in T record, ReadOnlySpan<byte> bytes, long timestamp, int split = RecordContext.NoSplit)
    {
        fixed (byte* start = bytes)
        {
            _context.SetBytes(start, bytes.Length);
            _context.Timestamp = timestamp;
            _context.Split = split;
            _next.Emit(in record);
            _context.SetBytes(null, 0);
        }
        _context.Emitted++;
    }

    /// <summary>Whether the job reads a side output of the source.</summary>
    public bool IsRead(OutputTag tag) => _sides.IsRead(tag);

    /// <summary>Hands one record without slices to a side output.</summary>
    /// <param name="tag">Which one.</param>
    /// <param name="record">The record.</param>
    /// <param name="timestamp">When it was created, in ms since 1970, or <see cref="RecordContext.NoTimestamp"/>.</param>
    /// <exception cref="JobException"><see cref="JobFailure.Permanent"/>: the job does not read it, so the record would be lost.</exception>
    public void Emit<TSide>(OutputTag<TSide> tag, in TSide record, long timestamp = RecordContext.NoTimestamp)
    {
        _context.Timestamp = timestamp;
        _context.Split = RecordContext.NoSplit;
        _sides.Emit(tag, in record);
    }
}
