using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Log;

/// <summary>Walks the records of a batch that is not compressed.</summary>
internal ref struct RecordFields
{
    private readonly StoredBatch _batch;
    private ReadOnlySpan<byte> _rest;
    private int _next;

    public RecordFields(StoredBatch batch)
    {
        _batch = batch;
        _rest = batch.Bytes.AsSpan(RecordBatch.HeadBytes);
    }

    public long Offset { get; private set; }

    public long Timestamp { get; private set; }

    /// <summary>The key; empty where there is none.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    public bool HasKey { get; private set; }

    /// <summary>Goes to the next record; false behind the last one.</summary>
    public bool Next()
    {
        if (_next == _batch.Head.RecordCount)
        {
            return false;
        }
        int length = (int)ReadVarint(ref _rest);
        var fields = _rest[1..length]; // Behind the attributes.
        _rest = _rest[length..];
        Timestamp = _batch.Head.BaseTimestamp + ReadVarint(ref fields);
        ReadVarint(ref fields); // The offset's delta: records follow each other.
        Offset = _batch.BaseOffset + _next++;
        int key = (int)ReadVarint(ref fields);
        HasKey = key >= 0;
        Key = HasKey ? fields[..key] : default;
        return true;
    }

    // Zigzag, seven bits a byte.
    private static long ReadVarint(ref ReadOnlySpan<byte> rest)
    {
        ulong value = 0;
        for (int index = 0; index < 10; index++)
        {
            byte next = rest[index];
            value |= (ulong)(next & 0x7f) << (7 * index);
            if (next < 0x80)
            {
                rest = rest[(index + 1)..];
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }
        throw new MalformedFrameException("a number of variable length does not end");
    }
}
