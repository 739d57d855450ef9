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
}
