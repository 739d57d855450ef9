using System.Buffers.Binary;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>What one subtask's channels had in flight before the barriers of one checkpoint: references to batches, also to spilled ones, and stored bytes that are still unread.</summary>
/// <remarks>
/// Filled on the subtask's thread until it is closed, then written on a writer's thread. Owns: a reference to every batch it took;
/// all are let go by <see cref="WriteAsync"/> or <see cref="Release"/>, whichever comes.
/// </remarks>
internal sealed class InFlightCapture
{
    /// <summary>A segment that has so much gets no further record: bounds what a reader holds at once, and is a good size for one write.</summary>
    private const int SegmentBytes = 1 << 20;

    private readonly List<Taken> _taken = [];

    /// <summary>Bytes taken, about: what the bound on in-flight data is held against.</summary>
    public long Bytes { get; private set; }

    public bool IsEmpty => _taken.Count == 0;

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
            _taken.Add(new Taken(channel, layer, batch, from, null, default));
            Bytes += batch.Arena.Length + ((batch.Count - from) * (long)RecordFormat.HeaderSize);
        }
    }

    /// <summary>Takes a reference to a batch that a barrier overtook in the spill file.</summary>
    public void TakeSpilled(Channel channel, SpilledBatch spilled)
    {
        spilled.Retain();
        _taken.Add(new Taken(channel, LiveLayer, null, 0, spilled, default));
        Bytes += spilled.Length;
    }

    /// <summary>Takes records, and watermarks between them, that are stored bytes still; one at least.</summary>
    public void TakeStored(Channel channel, int layer, ReadOnlyMemory<byte> stored)
    {
        Invariant.Holds(!stored.IsEmpty);
        _taken.Add(new Taken(channel, layer, null, 0, null, stored));
        Bytes += stored.Length;
    }

    /// <summary>Takes a watermark that a barrier overtook, behind what was taken of its channel.</summary>
    public void TakeWatermark(Channel channel, long watermark) => TakeStored(channel, LiveLayer, RecordFormat.EncodeWatermark(watermark));

    /// <summary>Writes all of it, channel by channel, and lets the batches go.</summary>
    public async ValueTask<IReadOnlyList<StoredChannel>> WriteAsync(SegmentWriter writer, CancellationToken cancellation)
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

    private static async ValueTask<StoredChannel> WriteChannelAsync(Channel channel, int layer, IEnumerable<Taken> taken, SegmentWriter writer, CancellationToken cancellation)
    {
        var segments = new List<StoredSegment>();
        int records = 0;
        var payload = writer.Begin();
        foreach (var (_, _, batch, from, spilled, stored) in taken)
        {
            for (int next = from; next < (batch?.Count ?? 0);)
            {
                await EndSegmentUnlessRoomFor(1);
                int first = next;
                next = channel.Format.Encode(batch!, first, SegmentBytes - writer.PayloadLength, payload);
                records += next - first;
            }
            if (spilled is not null)
            {
                await EndSegmentUnlessRoomFor(spilled.Length);
                Copy(spilled);
                records += spilled.Count;
            }
            if (!stored.IsEmpty)
            {
                await EndSegmentUnlessRoomFor(stored.Length);
                payload.Append(stored.Span);
                records += CountRecords(stored.Span);
            }
        }
        await EndSegment();
        return new StoredChannel(channel.Id, layer, channel.Format.Codec, segments);

        // From the spill file to the checkpoint's, one batch at a time. The file is other subtasks', too: no half segment may stay in it.
        void Copy(SpilledBatch spilled)
        {
            try
            {
                spilled.AppendTo(payload);
            }
            catch
            {
                writer.Abandon();
                throw;
            }
        }

        async ValueTask EndSegmentUnlessRoomFor(int bytes)
        {
            if (writer.PayloadLength > 0 && writer.PayloadLength + bytes > SegmentBytes)
            {
                await EndSegment();
                payload = writer.Begin();
            }
        }

        async ValueTask EndSegment()
        {
            int bytes = writer.PayloadLength;
            segments.Add(new StoredSegment(await writer.EndAsync(cancellation), records, bytes));
            records = 0;
        }
    }

    private static int CountRecords(ReadOnlySpan<byte> stored)
    {
        int records = 0;
        while (!stored.IsEmpty)
        {
            bool isRecord = !RecordFormat.IsWatermark(stored);
            stored = stored[(RecordFormat.HeaderSize + (isRecord ? BinaryPrimitives.ReadInt32BigEndian(stored) : 0))..];
            records += isRecord ? 1 : 0;
        }
        return records;
    }

    /// <summary>A batch from an index on, one that was spilled, or stored bytes.</summary>
    private readonly record struct Taken(Channel Channel, int Layer, Batch? Batch, int From, SpilledBatch? Spilled, ReadOnlyMemory<byte> Stored);
}

/// <summary>The in-flight data of one channel and layer as it was stored.</summary>
internal sealed record StoredChannel(ChannelId Channel, int Layer, CodecId Codec, IReadOnlyList<StoredSegment> Segments);

/// <summary>One segment of it.</summary>
internal readonly record struct StoredSegment(SegmentHandle Handle, int Records, int Bytes);
