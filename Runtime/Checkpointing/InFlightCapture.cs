using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>
/// What one subtask's channels had in flight before the barriers of one checkpoint: references to batches, also to spilled ones, stored bytes that are still unread,
/// and where those of them lie that need not be written again.
/// </summary>
/// <remarks>
/// Filled on the subtask's thread until it is closed, then written on a writer's thread. Owns: a reference to every batch it took;
/// all are let go by <see cref="WriteAsync"/> or <see cref="Release"/>, whichever comes.
/// </remarks>
internal sealed class InFlightCapture
{
    /// <summary>A segment that has so much gets no further record: bounds what a reader holds at once, and is a good size for one write.</summary>
    private const int SegmentBytes = 1 << 20;

    private readonly List<Taken> _taken = [];

    /// <summary>Bytes taken to be written, about: what the bound on in-flight data is held against. What is referenced costs no writing: were it counted, what was restored could make every checkpoint fail.</summary>
    public long Bytes { get; private set; }

    /// <summary>The layer of what came over the channels: behind all that was restored and is unread.</summary>
    public int LiveLayer { get; set; }

    /// <summary>Takes a reference to a batch that a barrier overtook, from an index on. Batches of one channel come in queue order.</summary>
    public void Take(Channel channel, Batch batch, int from) => Take(channel, batch, from, LiveLayer);

    /// <inheritdoc cref="Take(Channel, Batch, int)"/>
    /// <param name="channel">The channel.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="from">The first record that was not processed.</param>
    /// <param name="layer">Where it was restored from.</param>
    public void Take(Channel channel, Batch batch, int from, int layer)
    {
        if (from < batch.Count)
        {
            batch.Retain();
            _taken.Add(new Taken(channel, layer, batch, from, null, default, null));
            Bytes += batch.Arena.Length + ((batch.Count - from) * (long)RecordFormat.HeaderSize);
        }
    }

    /// <summary>Takes a reference to a batch that a barrier overtook in the spill file.</summary>
    public void TakeSpilled(Channel channel, SpilledBatch spilled)
    {
        spilled.Retain();
        _taken.Add(new Taken(channel, LiveLayer, null, 0, spilled, default, null));
        Bytes += spilled.Length;
    }

    /// <summary>Takes records, and watermarks between them, that are stored bytes still; one at least.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="layer">Their layer.</param>
    /// <param name="stored">The records.</param>
    /// <param name="origin">Where exactly these bytes lie already, if they may stay there.</param>
    public void TakeStored(Channel channel, int layer, ReadOnlyMemory<byte> stored, SegmentHandle? origin)
    {
        Invariant.Holds(!stored.IsEmpty);
        _taken.Add(new Taken(channel, layer, null, 0, null, stored, origin));
        Bytes += origin is null ? stored.Length : 0;
    }

    /// <summary>Takes a watermark that a barrier overtook, behind what was taken of its channel.</summary>
    public void TakeWatermark(Channel channel, long watermark, bool isIdle) => TakeStored(channel, LiveLayer, RecordFormat.EncodeWatermark(watermark, isIdle), origin: null);

    /// <summary>Writes all of it, channel by channel, but for what is referenced, and lets the batches go.</summary>
    /// <param name="writer">Where to; null where there is nothing to be written.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<IReadOnlyList<StoredChannel>> WriteAsync(SegmentWriter? writer, CancellationToken cancellation)
    {
        var channels = new List<StoredChannel>();
        try
        {
            foreach (var group in _taken.GroupBy(taken => (taken.Channel, taken.Layer)).ToList())
            {
                channels.Add(await WriteChannelAsync(group.Key.Channel, group.Key.Layer, group, writer, cancellation));
            }
            return channels;
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Lets all batches go.</summary>
    public void Release()
    {
        foreach (var taken in _taken)
        {
            taken.Batch?.LetGo();
            taken.Spilled?.LetGo();
        }
        _taken.Clear();
    }

    private static async ValueTask<StoredChannel> WriteChannelAsync(Channel channel, int layer, IEnumerable<Taken> taken, SegmentWriter? writer, CancellationToken cancellation)
    {
        var segments = new List<StoredSegment>();
        int records = 0;
        ByteArena? payload = null;
        foreach (var (_, _, batch, from, spilled, stored, reference) in taken)
        {
            if (reference is { } lies)
            {
                await EndSegment();
                segments.Add(new StoredSegment(lies, channel.Format.CountRecords(stored.Span), stored.Length));
                continue;
            }
            for (int next = from; next < (batch?.Count ?? 0);)
            {
                await BeginSegmentUnlessRoomFor(1);
                int first = next;
                next = channel.Format.Encode(batch!, first, SegmentBytes - writer!.PayloadLength, payload!);
                records += next - first;
            }
            if (spilled is not null)
            {
                await BeginSegmentUnlessRoomFor(spilled.Length);
                Copy(spilled);
                records += spilled.Count;
            }
            if (!stored.IsEmpty)
            {
                await BeginSegmentUnlessRoomFor(stored.Length);
                payload!.Append(stored.Span);
                records += channel.Format.CountRecords(stored.Span);
            }
        }
        await EndSegment();
        return new StoredChannel(channel.Id, layer, channel.Format.Codec, segments);

        // From the spill file to the checkpoint's, one batch at a time. The file is other subtasks', too: no half segment may stay in it.
        void Copy(SpilledBatch spilled)
        {
            try
            {
                spilled.AppendTo(payload!);
            }
            catch
            {
                writer!.Abandon();
                throw;
            }
        }

        async ValueTask BeginSegmentUnlessRoomFor(int bytes)
        {
            if (payload is not null && writer!.PayloadLength + bytes > SegmentBytes)
            {
                await EndSegment();
            }
            payload ??= writer!.Begin();
        }

        async ValueTask EndSegment()
        {
            if (payload is not null)
            {
                int bytes = writer!.PayloadLength;
                segments.Add(new StoredSegment(await writer.EndAsync(cancellation), records, bytes));
                (payload, records) = (null, 0);
            }
        }
    }

    /// <summary>A batch from an index on, one that was spilled, or stored bytes, and where they lie already.</summary>
    private readonly record struct Taken(Channel Channel, int Layer, Batch? Batch, int From, SpilledBatch? Spilled, ReadOnlyMemory<byte> Stored, SegmentHandle? Reference);
}

/// <summary>The in-flight data of one channel and layer as it was stored.</summary>
internal sealed record StoredChannel(ChannelId Channel, int Layer, CodecId Codec, IReadOnlyList<StoredSegment> Segments);

/// <summary>One segment of it.</summary>
internal readonly record struct StoredSegment(SegmentHandle Handle, int Records, int Bytes);
