namespace Weir.Connectors.Kafka;

/// <summary>Messages whose value is the record, in the bytes of its codec; the key is left to the stream.</summary>
internal class ValueMessages<T> : MessageCodec<T>
{
    public ValueMessages(Codec<T> codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        Records = codec;
    }

    public override Codec<T> Records { get; }

    public override T Decode(in Message message) => message.HasValue
        ? Records.Decode(message.Value)
        : throw new CodecException(Records.Id, "a message without a value (a tombstone) is no record; read the topic with a MessageCodec that knows what it means.");

    public override bool EncodeValue(in T record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        Records.Encode(in record, bytes, output);
        return true;
    }
}

/// <summary>The same, with a key that is read from the record.</summary>
internal sealed class KeyedMessages<T, TKey>(Codec<T> codec, Func<T, TKey> keyOf, KeyCodec<TKey> keys) : ValueMessages<T>(codec)
{
    public override bool EncodeKey(in T record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        var key = keyOf(record);
        keys.Encode(in key, output);
        return true;
    }
}
