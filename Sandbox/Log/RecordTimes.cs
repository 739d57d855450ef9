using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Log;

/// <summary>Finds a record by its time within a batch. Records that are compressed are not looked into: the batch's first offset and its latest time stand for them.</summary>
internal static class RecordTimes
{
    public static (long Offset, long Timestamp) FirstAt(StoredBatch batch, long timestamp, bool isAppendTime)
    {
        if (isAppendTime || batch.Head.IsCompressed)
        {
            return (batch.BaseOffset, batch.MaxTimestamp);
        }
        var rest = batch.Bytes.AsSpan(RecordBatch.HeadBytes);
        for (int record = 0; record < batch.Head.RecordCount; record++)
        {
            int length = (int)ReadVarint(ref rest);
            var fields = rest[1..]; // Behind the attributes.
            long time = batch.Head.BaseTimestamp + ReadVarint(ref fields);
            if (time >= timestamp)
            {
                return (batch.BaseOffset + record, time);
            }
            rest = rest[length..];
        }
        return (batch.BaseOffset, batch.MaxTimestamp);
    }

    // Zigzag, seven bits a byte.
    private static long ReadVarint(ref Span<byte> rest)
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
