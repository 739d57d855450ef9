using System.Collections.Concurrent;

namespace Weir.Connectors.Kafka;

/// <summary>The largest batch that each topic takes. A broker refuses a batch that is larger as a whole, with every record in it, however small they are.</summary>
/// <remarks>Thread: any. A topic that nobody looked up is one that takes all that the client sends.</remarks>
internal sealed class TopicLimits
{
    /// <summary>The topic's setting.</summary>
    public const string Setting = "max.message.bytes";

    private readonly ConcurrentDictionary<string, long> _bytes = new(StringComparer.Ordinal);

    public void Note(string topic, long bytes) => _bytes[topic] = bytes;

    /// <summary>What a topic takes; null where that is not known.</summary>
    public long? Of(string topic) => _bytes.TryGetValue(topic, out long bytes) ? bytes : null;

    /// <summary>What every one of these topics takes; null where none of them is known.</summary>
    public long? Least(IEnumerable<string> topics) => topics.Select(Of).Min();
}
