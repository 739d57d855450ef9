using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Testing;

/// <summary>Messages between a codec and the log.</summary>
internal static class LogMessages
{
    /// <summary>What the codec makes of a record.</summary>
    /// <param name="messages">The codec.</param>
    /// <param name="record">The record.</param>
    /// <param name="bytes">What its slices refer to.</param>
    /// <param name="timestamp">The record's own time.</param>
    /// <param name="now">What the message gets where the codec gives it none, in ms since 1970.</param>
    public static SimulatedLog.Entry Encode<T>(MessageCodec<T> messages, in T record, ReadOnlySpan<byte> bytes, long timestamp, long now)
    {
        var key = new ByteArena();
        var value = new ByteArena();
        var headers = new WrittenHeaders();
        bool hasKey = messages.EncodeKey(in record, bytes, key);
        bool hasValue = messages.EncodeValue(in record, bytes, value);
        messages.EncodeHeaders(in record, bytes, headers);
        long given = messages.TimestampOf(in record, timestamp);
        return new SimulatedLog.Entry(hasKey ? key.Written.ToArray() : null, hasValue ? value.Written.ToArray() : null)
        {
            Headers = headers.Taken,
            Timestamp = given == RecordContext.NoTimestamp ? now : given,
        };
    }

    /// <summary>The message as a codec reads it.</summary>
    public static Message Of(SimulatedLog.Entry entry, string topic, int partition, long offset) => new()
    {
        Key = entry.Key,
        HasKey = entry.Key is not null,
        Value = entry.Value,
        HasValue = entry.Value is not null,
        Topic = topic,
        Partition = partition,
        Offset = offset,
        Timestamp = entry.Timestamp,
        TimestampType = entry.Timestamp == RecordContext.NoTimestamp ? MessageTimestamp.None : MessageTimestamp.CreateTime,
        Headers = entry.Headers.Count == 0 ? MessageHeaders.None : new StoredHeaders(entry.Headers),
    };

    /// <summary>The partition of a key among so many.</summary>
    public static int PartitionOf(ReadOnlySpan<byte> key, int partitions) => (int)(StableHash.OfBytes(key) % (uint)partitions);
}
