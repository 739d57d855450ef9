using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Topics as a source that is asked for their records: a native consumer for each subtask.</summary>
internal sealed class KafkaSplitSource<T>(LogSource<T> source, SourceTopics topics, KafkaClients clients) : ISplitSource<T>
{
    private readonly List<SplitReader<T>> _readers = [];

    public bool StartsFromOwnGroup => topics.StartsFromOwnGroup;

    public IReadOnlyList<LogIdentity> Logs => topics.Logs;

    public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => topics.DiscoverAsync(cancellation);

    public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        topics.ResumeAsync(positions, logs, cancellation);

    public ISplitReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake)
    {
        var reader = new SplitReader<T>(source, topics, subtask, splits, clients, wake);
        _readers.Add(reader);
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        await topics.DisposeAsync().ConfigureAwait(false);
        foreach (var reader in _readers)
        {
            reader.Dispose();
            await reader.Closed.ConfigureAwait(false);
        }
    }
}
