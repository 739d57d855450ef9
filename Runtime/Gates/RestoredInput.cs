using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;

namespace Weir.Runtime.Gates;

/// <summary>A checkpoint's in-flight records for one subtask, in the order of their layers: read to the end before anything new.</summary>
/// <remarks>Thread: the one that steps the subtask. Records are decoded a batch at a time; what is unread goes into the next checkpoint as the bytes it is.</remarks>
internal sealed class RestoredInput<T>(BatchPool<T> pool, RecordContext context)
{
    private readonly Queue<Segment> _segments = new();
    private Segment _inHand;

    public bool IsEmpty => _inHand.Stored.IsEmpty && _segments.Count == 0;

    /// <summary>The layer of what was taken last.</summary>
    public int Layer => _inHand.Layer;

    /// <summary>The highest layer of all that was added.</summary>
    public int LastLayer { get; private set; }

    /// <summary>Adds records of one channel, behind those it has; of one edge layer after layer.</summary>
    public void Add(Channel channel, int layer, ReadOnlyMemory<byte> stored)
    {
        _segments.Enqueue(new Segment(channel, layer, stored));
        LastLayer = Math.Max(LastLayer, layer);
    }

    /// <summary>The next records, and the channel they were stored from; null where only watermarks were left. The caller owns the batch; it took no credit. What it took before was processed.</summary>
    public Batch<T>? Take(out Channel channel)
    {
        ReadWatermarks();
        while (_inHand.Stored.IsEmpty && _segments.TryDequeue(out _inHand))
        {
            ReadWatermarks();
        }
        channel = _inHand.Channel;
        if (_inHand.Stored.IsEmpty)
        {
            return null;
        }
        var batch = pool.Rent();
        int read = Decode(channel, batch);
        _inHand = _inHand with { Stored = _inHand.Stored[read..] };
        return batch;
    }

    /// <summary>Hands all that is unread to a checkpoint.</summary>
    public void Capture(InFlightCapture capture)
    {
        if (!_inHand.Stored.IsEmpty)
        {
            capture.TakeStored(_inHand.Channel, _inHand.Layer, _inHand.Stored);
        }
        foreach (var (channel, layer, stored) in _segments)
        {
            capture.TakeStored(channel, layer, stored);
        }
    }

    private void ReadWatermarks()
    {
        while (RecordFormat.IsWatermark(_inHand.Stored.Span))
        {
            _ = _inHand.Channel.Advance(RecordFormat.WatermarkOf(_inHand.Stored.Span));
            _inHand = _inHand with { Stored = _inHand.Stored[RecordFormat.HeaderSize..] };
        }
    }

    private int Decode(Channel channel, Batch<T> batch)
    {
        try
        {
            return ((RecordFormat<T>)channel.Format).Decode(_inHand.Stored.Span, batch, context);
        }
        catch (CodecException refused)
        {
            batch.LetGo();
            throw new JobException(
                JobFailure.Configuration,
                $"In-flight records of edge '{channel.Id.Edge}' can't be read: {refused.Message.TrimEnd('.')}. Start the version of the job that wrote them, and stop it with an aligned checkpoint (CheckpointMode Aligned).",
                refused);
        }
    }

    private readonly record struct Segment(Channel Channel, int Layer, ReadOnlyMemory<byte> Stored);
}
