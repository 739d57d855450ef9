using Weir.Runtime;

namespace Weir.Connectors.Kafka.Legacy;

/// <summary>A topic as a source that pushes its records: Confluent's consumer in a loop of its own, for each subtask.</summary>
/// <remarks>Slower than the split source, since each record is copied and allocated; for those whose settings or interceptors rest on that consumer.</remarks>
internal sealed class LegacyKafkaSource<T>(LogSource<T> source, SourceTopic topic, KafkaClients clients) : ILegacySource<T>
{
    public bool StartsFromOwnGroup => topic.StartsFromOwnGroup;

    public LogIdentity? Log => topic.Log;

    public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => topic.DiscoverAsync(cancellation);

    public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        topic.ResumeAsync(positions, logs, cancellation);

    public ILegacyReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits) => new LegacyKafkaReader<T>(source, topic, subtask, splits, clients);

    public ValueTask DisposeAsync() => topic.DisposeAsync();
}
