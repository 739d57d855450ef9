using Confluent.Kafka;

namespace Weir.Sandbox.Hosting;

/// <summary>What is written to one topic.</summary>
/// <param name="topic">The topic.</param>
internal abstract class TopicFeed(string topic)
{
    public string Topic => topic;

    public required double PerSecond { get; init; }

    public required int Partitions { get; init; }

    /// <summary>The message of a number.</summary>
    public abstract Message<byte[]?, byte[]?> Make(long number);
}

/// <inheritdoc/>
/// <param name="topic">The topic.</param>
/// <param name="messages">Writes a record as a message.</param>
/// <param name="make">Makes the record of a number.</param>
internal sealed class TopicFeed<T>(string topic, MessageCodec<T> messages, Func<long, T> make) : TopicFeed(topic)
{
    private readonly ByteArena _bytes = new();

    public override Message<byte[]?, byte[]?> Make(long number)
    {
        var record = make(number);
        return new Message<byte[]?, byte[]?>
        {
            Key = Written(messages.EncodeKey(in record, default, _bytes)),
            Value = Written(messages.EncodeValue(in record, default, _bytes)),
        };
    }

    private byte[]? Written(bool isThere)
    {
        byte[]? written = isThere ? _bytes.Written.ToArray() : null;
        _bytes.Clear();
        return written;
    }
}
