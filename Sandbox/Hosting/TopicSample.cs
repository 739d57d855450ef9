using Confluent.Kafka;

namespace Weir.Sandbox.Hosting;

/// <summary>How the records of one topic are shown.</summary>
/// <param name="topic">The topic.</param>
internal abstract class TopicSample(string topic)
{
    public string Topic => topic;

    public abstract string Describe(ConsumeResult<byte[]?, byte[]?> message);
}

/// <inheritdoc/>
/// <param name="topic">The topic.</param>
/// <param name="messages">Reads a message.</param>
/// <param name="describe">Says a record in words.</param>
internal sealed class TopicSample<T>(string topic, MessageCodec<T> messages, Func<T, string> describe) : TopicSample(topic)
{
    public override string Describe(ConsumeResult<byte[]?, byte[]?> message) => describe(messages.Decode(new Message
    {
        Key = message.Message.Key,
        HasKey = message.Message.Key is not null,
        Value = message.Message.Value,
        HasValue = message.Message.Value is not null,
        Partition = message.Partition.Value,
        Offset = message.Offset.Value,
    }));
}
