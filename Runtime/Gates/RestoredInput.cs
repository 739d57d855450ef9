using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;
using Weir.StateStore;

namespace Weir.Runtime.Gates;

/// <summary>A checkpoint's in-flight records for one subtask, in the order of their layers: read to the end before anything new.</summary>
/// <remarks>
/// Thread: the one that steps the subtask. Records are decoded a batch at a time; what is unread goes into the next checkpoint as the bytes it is, or by reference to
/// the file where they lie. It takes up the producer's credit as if it were queued, so that what is in flight does not grow from one restore to the next.
/// </remarks>
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
    /// <param name="channel">The channel.</param>
    /// <param name="layer">Their layer.</param>
    /// <param name="stored">The records.</param>
    /// <param name="origin">Where exactly these bytes may stay, as later checkpoints name it; null where those have to write them again.</param>
    public void Add(Channel channel, int layer, ReadOnlyMemory<byte> stored, SegmentHandle? origin)
    {
        int batches = channel.Format.CountBatches(stored.Span);
        for (int taken = 0; taken < batches; taken++)
        {
            _ = channel.Credit.Take();
        }
        _segments.Enqueue(new Segment(channel, layer, stored, origin, batches));
        LastLayer = Math.Max(LastLayer, layer);
    }

    /// <summary>The next records, and the channel they were stored from; null where only watermarks were left. The caller owns the batch, and says when it is done. What it took before was processed.</summary>
    public Batch<T>? Take(out Channel channel)
    {
        ReadWatermarks();
        while (_inHand.Stored.IsEmpty && _segments.TryDequeue(out var next))
        {
            ReturnCredit(_inHand.Batches);
            _inHand = next;
            ReadWatermarks();
        }
        channel = _inHand.Channel;
        if (_inHand.Stored.IsEmpty)
        {
            ReturnCredit(_inHand.Batches);
            return null;
        }
        channel.Activate();
        var batch = pool.Rent();
        int read = Decode(channel, batch);
        _inHand = _inHand with { Stored = _inHand.Stored[read..] };
        return batch;
    }

    /// <summary>The batch that was taken is done: its credit goes back, and with the last one of a segment what that has left.</summary>
    public void ReturnCredit() => ReturnCredit(_inHand.Stored.IsEmpty ? _inHand.Batches : Math.Min(1, _inHand.Batches));

    /// <summary>Hands all that is unread to a checkpoint.</summary>
    public void Capture(InFlightCapture capture)
    {
        if (!_inHand.Stored.IsEmpty)
        {
            // A rest is no segment of the file: it is written anew.
            capture.TakeStored(_inHand.Channel, _inHand.Layer, _inHand.Stored, origin: null);
        }
        foreach (var (channel, layer, stored, origin, _) in _segments)
        {
            capture.TakeStored(channel, layer, stored, origin);
        }
    }

    private void ReturnCredit(int batches)
    {
        _inHand = _inHand with { Batches = _inHand.Batches - batches };
        for (; batches > 0; batches--)
        {
            _inHand.Channel.Credit.Return();
        }
    }

    private void ReadWatermarks()
    {
        while (RecordFormat.IsWatermark(_inHand.Stored.Span))
        {
            _ = _inHand.Channel.Advance(RecordFormat.WatermarkOf(_inHand.Stored.Span), RecordFormat.IsIdle(_inHand.Stored.Span));
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

    /// <summary>What was stored of a channel, and for how many batches it has its credit.</summary>
    private readonly record struct Segment(Channel Channel, int Layer, ReadOnlyMemory<byte> Stored, SegmentHandle? Origin, int Batches);
}
