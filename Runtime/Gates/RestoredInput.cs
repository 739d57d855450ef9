using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;

namespace Weir.Runtime.Gates;

/// <summary>A checkpoint's in-flight records for one subtask: one layer, read to its end before anything new.</summary>
/// <remarks>Thread: the one that steps the subtask. Records are decoded a batch at a time; what is unread goes into the next checkpoint as the bytes it is.</remarks>
internal sealed class RestoredInput<T>(BatchPool<T> pool, RecordContext context)
{
    private readonly Queue<(Channel Channel, ReadOnlyMemory<byte> Stored)> _segments = new();
    private Channel? _channel;
    private ReadOnlyMemory<byte> _rest;

    /// <summary>Records that were stored; for the report.</summary>
    public long Records { get; private set; }

    public bool IsEmpty => _rest.IsEmpty && _segments.Count == 0;

    /// <summary>Adds records of one channel, behind those it has.</summary>
    public void Add(Channel channel, ReadOnlyMemory<byte> stored, long records)
    {
        _segments.Enqueue((channel, stored));
        Records += records;
    }

    /// <summary>The next records, and the channel they were stored from. The caller owns the batch; it took no credit.</summary>
    public Batch<T> Take(out Channel channel)
    {
        if (_rest.IsEmpty)
        {
            (_channel, _rest) = _segments.Dequeue();
        }
        channel = _channel!;
        var batch = pool.Rent();
        _rest = _rest[((RecordFormat<T>)channel.Format).Decode(_rest.Span, batch, context)..];
        return batch;
    }

    /// <summary>Hands all that is unread to a checkpoint.</summary>
    public void Capture(InFlightCapture capture)
    {
        if (!_rest.IsEmpty)
        {
            capture.TakeStored(_channel!, _rest);
        }
        foreach (var (channel, stored) in _segments)
        {
            capture.TakeStored(channel, stored);
        }
    }
}
