using System.Buffers.Binary;
using Weir.Runtime.Elements;
using Weir.StateStore;

namespace Weir.Runtime.Gates;

/// <summary>How the records of one edge are stored while they are in flight, and read back.</summary>
/// <remarks>
/// A record is: length of its bytes (int32), timestamp (int64), key hash (uint32), bytes; big-endian. Between records may lie watermarks, in their place:
/// -1 (int32), the watermark (int64), 1 where its producer is idle from there on, else 0 (uint32). Thread: any.
/// </remarks>
internal abstract class RecordFormat
{
    public const int HeaderSize = sizeof(int) + sizeof(long) + sizeof(uint);

    // Stands where a record has the length of its bytes.
    private const int WatermarkMark = -1;
    private const uint IdleMark = 1;

    public abstract CodecId Codec { get; }

    /// <summary>Whether what begins here is a whole watermark, and no record.</summary>
    public static bool IsWatermark(ReadOnlySpan<byte> stored) => stored.Length >= HeaderSize && BinaryPrimitives.ReadInt32BigEndian(stored) == WatermarkMark;

    /// <summary>The stored watermark that begins here.</summary>
    public static long WatermarkOf(ReadOnlySpan<byte> stored) => BinaryPrimitives.ReadInt64BigEndian(stored[sizeof(int)..]);

    /// <summary>Whether the producer of the stored watermark that begins here brought nothing from there on.</summary>
    public static bool IsIdle(ReadOnlySpan<byte> stored) => BinaryPrimitives.ReadUInt32BigEndian(stored[(sizeof(int) + sizeof(long))..]) == IdleMark;

    /// <summary>A watermark as it is stored.</summary>
    public static byte[] EncodeWatermark(long watermark, bool isIdle)
    {
        byte[] stored = new byte[HeaderSize];
        BinaryPrimitives.WriteInt32BigEndian(stored, WatermarkMark);
        BinaryPrimitives.WriteInt64BigEndian(stored.AsSpan(sizeof(int)), watermark);
        BinaryPrimitives.WriteUInt32BigEndian(stored.AsSpan(sizeof(int) + sizeof(long)), isIdle ? IdleMark : 0);
        return stored;
    }

    /// <summary>Where the first record begins: behind the watermarks before it.</summary>
    public static int FindRecord(ReadOnlySpan<byte> stored)
    {
        int start = 0;
        while (IsWatermark(stored[start..]))
        {
            start += HeaderSize;
        }
        return start;
    }

    /// <summary>The same records, without the watermarks between them.</summary>
    /// <exception cref="CodecException">The bytes are not whole records.</exception>
    public static ReadOnlyMemory<byte> WithoutWatermarks(ReadOnlySpan<byte> stored, CodecId codec)
    {
        var records = new ByteArena(stored.Length);
        for (stored = stored[FindRecord(stored)..]; !stored.IsEmpty; stored = stored[FindRecord(stored)..])
        {
            int length = LengthOf(stored, codec);
            records.Append(stored[..length]);
            stored = stored[length..];
        }
        return records.WrittenMemory;
    }

    /// <summary>Bytes of the stored record that begins here, its header included.</summary>
    /// <exception cref="CodecException">It is not whole.</exception>
    public static int LengthOf(ReadOnlySpan<byte> stored, CodecId codec)
    {
        int length = stored.Length < HeaderSize ? -1 : BinaryPrimitives.ReadInt32BigEndian(stored);
        return length >= 0 && length <= stored.Length - HeaderSize ? HeaderSize + length : throw new CodecException(codec, $"{stored.Length} stored bytes are no whole record");
    }

    /// <summary>The key hash of the stored record that begins here.</summary>
    public static uint HashOf(ReadOnlySpan<byte> stored) => BinaryPrimitives.ReadUInt32BigEndian(stored[(sizeof(int) + sizeof(long))..]);

    /// <summary>Sets the key hash of the stored record that begins here.</summary>
    public static void SetHash(Span<byte> stored, uint hash) => BinaryPrimitives.WriteUInt32BigEndian(stored[(sizeof(int) + sizeof(long))..], hash);

    /// <summary>The same records, with bytes of another codec.</summary>
    /// <exception cref="CodecException">The bytes are not whole records of the old codec.</exception>
    public static ReadOnlyMemory<byte> Upgrade(ReadOnlySpan<byte> stored, CodecUpgrade upgrade)
    {
        var upgraded = new ByteArena(stored.Length);
        while (!stored.IsEmpty)
        {
            if (IsWatermark(stored))
            {
                upgraded.Append(stored[..HeaderSize]);
                stored = stored[HeaderSize..];
                continue;
            }
            int length = LengthOf(stored, upgrade.From);
            int start = upgraded.Length;
            upgraded.Append(stored[..HeaderSize]);
            upgrade.Run(stored[HeaderSize..length], upgraded);
            BinaryPrimitives.WriteInt32BigEndian(upgraded.WrittenFrom(start), upgraded.Length - start - HeaderSize);
            stored = stored[length..];
        }
        return upgraded.WrittenMemory;
    }

    /// <summary>How many records these bytes are, watermarks left out.</summary>
    /// <exception cref="CodecException">They are not whole records.</exception>
    public int CountRecords(ReadOnlySpan<byte> stored)
    {
        int records = 0;
        for (stored = stored[FindRecord(stored)..]; !stored.IsEmpty; stored = stored[FindRecord(stored)..])
        {
            stored = stored[LengthOf(stored, Codec)..];
            records++;
        }
        return records;
    }

    /// <summary>How many batches these bytes fill, about.</summary>
    /// <exception cref="CodecException">They are not whole records.</exception>
    public int CountBatches(ReadOnlySpan<byte> stored) =>
        Math.Max((CountRecords(stored) + Batch.Capacity - 1) / Batch.Capacity, (stored.Length + Batch.BytesMax - 1) / Batch.BytesMax);

    /// <summary>Appends records of a batch, from an index on, until there are so many bytes or no more records; one at least.</summary>
    /// <returns>The index behind the last one appended.</returns>
    public abstract int Encode(Batch batch, int from, int bytes, ByteArena output);
}

/// <summary>How the records of one edge are stored.</summary>
internal sealed class RecordFormat<T>(Codec<T> codec) : RecordFormat
{
    private readonly Codec<T>? _slices = codec.HasSlices ? codec : null;

    public override CodecId Codec => codec.Id;

    public override int Encode(Batch batch, int from, int bytes, ByteArena output)
    {
        var records = (Batch<T>)batch;
        var slices = records.Arena.Written;
        long full = output.Length + (long)bytes;
        int index = from;
        for (; index < records.Count && (index == from || output.Length < full); index++)
        {
            int start = output.Length;
            _ = output.Claim(HeaderSize);
            codec.Encode(in records.Items[index], slices, output);
            var header = output.WrittenFrom(start);
            BinaryPrimitives.WriteInt32BigEndian(header, output.Length - start - HeaderSize);
            BinaryPrimitives.WriteInt64BigEndian(header[sizeof(int)..], records.Timestamps[index]);
            BinaryPrimitives.WriteUInt32BigEndian(header[(sizeof(int) + sizeof(long))..], records.Hashes[index]);
        }
        return index;
    }

    /// <summary>Reads records until the batch is full, or a watermark or the end of the bytes comes.</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="CodecException">The bytes are not whole records.</exception>
    public int Decode(ReadOnlySpan<byte> stored, Batch<T> batch, RecordContext context)
    {
        int position = 0;
        while (position < stored.Length && !batch.IsFull && !IsWatermark(stored[position..]))
        {
            position += DecodeOne(stored[position..], batch, context);
        }
        return position;
    }

    /// <summary>Reads back all records of what was one batch, also where they have more bytes now than a batch should.</summary>
    /// <exception cref="CodecException">The bytes are not whole records.</exception>
    public void DecodeAll(ReadOnlySpan<byte> stored, Batch<T> batch, RecordContext context)
    {
        while (!stored.IsEmpty)
        {
            stored = stored[DecodeOne(stored, batch, context)..];
        }
    }

    private unsafe int DecodeOne(ReadOnlySpan<byte> stored, Batch<T> batch, RecordContext context)
    {
        int length = LengthOf(stored, codec.Id) - HeaderSize;
        context.Timestamp = BinaryPrimitives.ReadInt64BigEndian(stored[sizeof(int)..]);
        context.Hash = BinaryPrimitives.ReadUInt32BigEndian(stored[(sizeof(int) + sizeof(long))..]);
        var encoded = stored.Slice(HeaderSize, length);
        fixed (byte* start = encoded)
        {
            context.SetBytes(start, length);
            batch.Add(codec.Decode(encoded), context, _slices);
            context.SetBytes(null, 0);
        }
        return HeaderSize + length;
    }
}
