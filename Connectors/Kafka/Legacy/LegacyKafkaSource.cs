using Weir.Runtime;

namespace Weir.Connectors.Kafka.Legacy;

/// <summary>Topics as a source that pushes their records: Confluent's consumer in a loop of its own, for each subtask.</summary>
/// <remarks>Slower than the split source, since each record is copied and allocated; for those whose settings or interceptors rest on that consumer.</remarks>
internal sealed class LegacyKafkaSource<T>(LogSource<T> source, SourceTopics topics, KafkaClients clients) : ILegacySource<T>
{
    public bool StartsFromOwnGroup => topics.StartsFromOwnGroup;

    public IReadOnlyList<LogIdentity> Logs => topics.Logs;

    public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => topics.DiscoverAsync(cancellation);

    public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        topics.ResumeAsync(positions, logs, cancellation);

    public ILegacyReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits) => new LegacyKafkaReader<T>(source, topics, subtask, splits, clients);

    public ValueTask DisposeAsync() => topics.DisposeAsync();
}
