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
    private readonly TopicWatch _watch;
    private readonly List<SplitReader<T>> _readers = [];

    public KafkaSplitSource(LogSource<T> source, KafkaSourceOptions options, KafkaClients clients, ConnectorContext context)
    {
        _source = source;
        _clients = clients;
        _options = options;
        _topic = options.TopicOf(source.Name);
        // What is read up to an end that was set has no use for more.
        _watch = new TopicWatch(source.Name, _topic, options.Bounded ? TimeSpan.Zero : options.DiscoveryInterval, clients, context.Time, context.Fail);
        _offsets = new StartOffsets(source.Name, _topic, options, clients.Group, clients.Logger);
    }

    public bool StartsFromOwnGroup => _options.Start == SourceStart.Group && (_options.StartGroup ?? _clients.Group) == _clients.Group;

    public LogIdentity? Log { get; private set; }

    public async Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) =>
        Take(await _clients.Patience.AskAsync(() => _offsets.ResolveAsync(_clients.Admin()), cancellation).ConfigureAwait(false));

    public async Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        Take(await _clients.Patience.AskAsync(() => _offsets.ResumeAsync(_clients.Admin(), positions, logs.GetValueOrDefault(_topic)), cancellation).ConfigureAwait(false));

    public ISplitReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake)
    {
        var reader = new SplitReader<T>(_source, _topic, _options.Bounded, subtask, splits, _clients, wake);
        _readers.Add(reader);
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync().ConfigureAwait(false);
        foreach (var reader in _readers)
        {
            reader.Dispose();
            await reader.Closed.ConfigureAwait(false);
        }
    }

    private IReadOnlyList<SplitPosition> Take((FoundTopic Topic, IReadOnlyList<SplitPosition> Splits) found)
    {
        Log = new LogIdentity(_topic, found.Topic.Id);
        _watch.Begin(found.Topic);
        return found.Splits;
    }
}
