using Weir.Connectors.Kafka;

namespace Weir.Sandbox.Hosting;

/// <summary>What is written to the topics of an embedded broker, and what is shown of them.</summary>
public sealed class SandboxSetup
{
    /// <summary>Partitions of a topic that is made.</summary>
    internal const int DefaultPartitions = 4;

    private readonly List<TopicFeed> _feeds = [];
    private readonly List<TopicSample> _samples = [];

    internal SandboxSetup()
    {
    }

    internal IReadOnlyList<TopicFeed> Feeds => _feeds;

    internal IReadOnlyList<TopicSample> Samples => _samples;

    /// <summary>Writes records to a topic, which is made where it does not exist, for as long as the program runs.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="topic">The topic.</param>
    /// <param name="messages">Writes a record as a message.</param>
    /// <param name="make">Makes the record of a number, from 0 on. Thread: the feed's own.</param>
    /// <param name="perSecond">How many a second; fewer where the jobs do not keep up.</param>
    /// <param name="partitions">Partitions of a topic that is made.</param>
    public SandboxSetup Feed<T>(string topic, MessageCodec<T> messages, Func<long, T> make, double perSecond = 1000, int partitions = DefaultPartitions)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(make);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(partitions);
        _feeds.Add(new TopicFeed<T>(topic, messages, make) { PerSecond = perSecond, Partitions = partitions });
        return this;
    }

    /// <inheritdoc cref="Feed{T}(string, MessageCodec{T}, Func{long, T}, double, int)"/>
    /// <param name="topic">The topic.</param>
    /// <param name="codec">Writes a record as a message's value; there is no key.</param>
    /// <param name="make">Makes the record of a number, from 0 on. Thread: the feed's own.</param>
    /// <param name="perSecond">How many a second; fewer where the jobs do not keep up.</param>
    /// <param name="partitions">Partitions of a topic that is made.</param>
    public SandboxSetup Feed<T>(string topic, Codec<T> codec, Func<long, T> make, double perSecond = 1000, int partitions = DefaultPartitions) =>
        Feed(topic, new ValueMessages<T>(codec), make, perSecond, partitions);

    /// <summary>Shows one committed record of a topic with each progress line; the topic is made where it does not exist.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="topic">The topic.</param>
    /// <param name="messages">Reads a message.</param>
    /// <param name="describe">Says it in words.</param>
    public SandboxSetup Show<T>(string topic, MessageCodec<T> messages, Func<T, string> describe)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(describe);
        _samples.Add(new TopicSample<T>(topic, messages, describe));
        return this;
    }

    /// <inheritdoc cref="Show{T}(string, MessageCodec{T}, Func{T, string})"/>
    /// <param name="topic">The topic.</param>
    /// <param name="codec">Reads a message's value.</param>
    /// <param name="describe">Says it in words.</param>
    public SandboxSetup Show<T>(string topic, Codec<T> codec, Func<T, string> describe) => Show(topic, new ValueMessages<T>(codec), describe);
}
