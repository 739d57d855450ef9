using Weir.Runtime;

namespace Weir.Connectors.Kafka.Retention;

/// <summary>Of a source's topics, the one in the greatest need speaks for the source.</summary>
/// <remarks>Thread: any.</remarks>
/// <param name="note">Told of the source.</param>
internal sealed class LeastSlack(Action<string, RestartSlack?> note)
{
    private readonly Lock _noting = new();
    private readonly Dictionary<string, RestartSlack?> _ofTopics = new(StringComparer.Ordinal);

    public void Note(string source, string topic, RestartSlack? slack)
    {
        lock (_noting)
        {
            _ofTopics[topic] = slack;
            note(source, _ofTopics.Values.OfType<RestartSlack>().OrderByDescending(static one => one.Level).ThenBy(static one => one.Left).FirstOrDefault());
        }
    }
}
