using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>A topic as a source that is asked for its records: a native consumer for each subtask.</summary>
internal sealed class KafkaSplitSource<T>(LogSource<T> source, SourceTopic topic, KafkaClients clients) : ISplitSource<T>
{
    private readonly List<SplitReader<T>> _readers = [];

    public bool StartsFromOwnGroup => topic.StartsFromOwnGroup;

    public LogIdentity? Log => topic.Log;

    public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => topic.DiscoverAsync(cancellation);

    public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        topic.ResumeAsync(positions, logs, cancellation);

    public ISplitReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake)
    {
        var reader = new SplitReader<T>(source, topic, subtask, splits, clients, wake);
        _readers.Add(reader);
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        await topic.DisposeAsync().ConfigureAwait(false);
        foreach (var reader in _readers)
        {
            reader.Dispose();
            await reader.Closed.ConfigureAwait(false);
        }
    }
}
