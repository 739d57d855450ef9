using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>A topic as a source: a split for each partition, a native consumer for each subtask.</summary>
internal sealed class KafkaSplitSource<T> : ISplitSource<T>
{
    private readonly LogSource<T> _source;
    private readonly KafkaClients _clients;
    private readonly KafkaSourceOptions _options;
    private readonly string _topic;
    private readonly StartOffsets _offsets;
    private readonly List<SplitReader<T>> _readers = [];

    public KafkaSplitSource(LogSource<T> source, KafkaSourceOptions options, KafkaClients clients)
    {
        _source = source;
        _clients = clients;
        _options = options;
        _topic = options.Topic ?? source.Name;
        _offsets = new StartOffsets(source.Name, _topic, options, clients.Group, clients.Logger);
    }

    public async Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation)
    {
        var admin = _clients.Admin();
        return await _offsets.ResolveAsync(admin).WaitAsync(cancellation).ConfigureAwait(false);
    }

    public async Task CheckAsync(IReadOnlyList<SplitPosition> positions, CancellationToken cancellation)
    {
        var admin = _clients.Admin();
        await _offsets.CheckAsync(admin, positions).WaitAsync(cancellation).ConfigureAwait(false);
    }

    public ISplitReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake)
    {
        var reader = new SplitReader<T>(_source, _topic, _options.Bounded, subtask, splits, _clients, wake);
        _readers.Add(reader);
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
        {
            reader.Dispose();
            await reader.Closed.ConfigureAwait(false);
        }
    }
}
