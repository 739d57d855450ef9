using Weir.Runtime;

namespace Weir;

/// <summary>Turns the messages of a log (Kafka, or a simulated one) into records and back.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>Thread: may be called by several at once.</remarks>
public abstract class MessageCodec<T>
{
    /// <summary>How records of this type are stored while they are in flight.</summary>
    public abstract Codec<T> Records { get; }

    /// <summary>Reads one message.</summary>
    /// <param name="message">Borrowed: valid until this returns. Slices of the record refer to its value.</param>
    public abstract T Decode(in Message message);

    /// <summary>Appends the bytes of a message's value; false gives a message without a value (a tombstone).</summary>
    public abstract bool EncodeValue(in T record, ReadOnlySpan<byte> bytes, ByteArena output);

    /// <summary>Appends the bytes of a message's key; false leaves the choice to the stream: the key of the <c>KeyBy</c> it came from, else none.</summary>
    public virtual bool EncodeKey(in T record, ReadOnlySpan<byte> bytes, ByteArena output) => false;

    /// <summary>Adds a message's headers; none by default. A message that has some, or a time of its own, costs a call of the client by itself.</summary>
    /// <param name="record">The record.</param>
    /// <param name="bytes">What its slices refer to.</param>
    /// <param name="headers">Takes them, in order; valid until this returns.</param>
    public virtual void EncodeHeaders(in T record, ReadOnlySpan<byte> bytes, HeaderOutput headers)
    {
    }

    /// <summary>The time of a message, in ms since 1970; <see cref="RecordContext.NoTimestamp"/> (the default) leaves it to the client, which takes that at which it is given the message.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timestamp">The record's own time: of the message it was read from, or of <c>WithWatermarks</c>; <see cref="RecordContext.NoTimestamp"/> where it has none. To hand it on, return it.</param>
    public virtual long TimestampOf(in T record, long timestamp) => RecordContext.NoTimestamp;
}

/// <summary>One message of a log, read in place.</summary>
public readonly ref struct Message
{
    /// <summary>The key's bytes; empty also where there is none.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>The value's bytes; empty also where there is none.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Whether there is a key, be it empty.</summary>
    public bool HasKey { get; init; }

    /// <summary>Whether there is a value; a message without one is a tombstone.</summary>
    public bool HasValue { get; init; }

    /// <summary>The topic it lies in; empty where nobody said.</summary>
    public string Topic
    {
        get => field ?? "";
        init;
    }

    /// <summary>The partition it lies in.</summary>
    public int Partition { get; init; }

    /// <summary>Its number in the partition.</summary>
    public long Offset { get; init; }

    /// <summary>When it was created, or appended, in ms since 1970: <see cref="TimestampType"/>; <see cref="RecordContext.NoTimestamp"/> where it has no time.</summary>
    public long Timestamp
    {
        get => TimestampType == MessageTimestamp.None ? RecordContext.NoTimestamp : field;
        init;
    }

    /// <summary>What its timestamp stands for.</summary>
    public MessageTimestamp TimestampType { get; init; }

    /// <summary>The epoch of the partition's leader that appended it; null where the broker does not tell.</summary>
    public int? LeaderEpoch { get; init; }

    /// <summary>Its headers.</summary>
    public MessageHeaders Headers
    {
        get => field ?? MessageHeaders.None;
        init;
    }
}

/// <summary>What the timestamp of a message stands for.</summary>
public enum MessageTimestamp
{
    /// <summary>It has none.</summary>
    None,

    /// <summary>When its producer made it.</summary>
    CreateTime,

    /// <summary>When the broker appended it.</summary>
    LogAppendTime,
}
