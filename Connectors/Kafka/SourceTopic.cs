using Weir.Connectors.Kafka.Retention;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>The topic of a source, whoever reads it: a split for each partition, found, resumed, watched and guarded.</summary>
internal sealed class SourceTopic : IAsyncDisposable
{
    private readonly string _source;
    private readonly KafkaClients _clients;
    private readonly KafkaSourceOptions _options;
    private readonly StartOffsets _offsets;
    private readonly TopicWatch _watch;
    private readonly RetentionGuard _guard;

    public SourceTopic(string source, KafkaSourceOptions options, KafkaClients clients, ConnectorContext context)
    {
        Topic = options.TopicOf(source);
        _source = source;
        _clients = clients;
        _options = options;
        // What is read up to an end that was set has no use for more.
        _watch = new TopicWatch(source, Topic, options.Bounded ? TimeSpan.Zero : options.DiscoveryInterval, clients, context.Time, context.Fail);
        _guard = new RetentionGuard(source, Topic, options, clients, context);
        _offsets = new StartOffsets(source, Topic, options, clients);
    }

    public string Topic { get; }

    /// <summary>Whether it is read to where it ended at the start.</summary>
    public bool Bounded => _options.Bounded;

    /// <summary>Decides about records of a subtask that can't be decoded.</summary>
    public UndecodableRecords Undecodable() => new(_source, Topic, _options.OnUndecodable, _clients.Logger);

    public bool StartsFromOwnGroup => _options.Start == SourceStart.Group && (_options.StartGroup ?? _clients.Group) == _clients.Group;

    public LogIdentity? Log { get; private set; }

    public async Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) =>
        Take(await _clients.Patience.AskAsync(() => _offsets.ResolveAsync(), cancellation).ConfigureAwait(false));

    public async Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        Take(await _clients.Patience.AskAsync(() => _offsets.ResumeAsync(positions, logs.GetValueOrDefault(Topic)), cancellation).ConfigureAwait(false));

    /// <summary>The attempt is about to read: from now on it is guarded.</summary>
    public void Guard() => _guard.Begin();

    /// <summary>A checkpoint is the one that counts: from here a restart would read on.</summary>
    public void Committed(IReadOnlyList<SplitPosition> positions) => _guard.Committed(positions);

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync().ConfigureAwait(false);
        await _guard.DisposeAsync().ConfigureAwait(false);
    }

    private IReadOnlyList<SplitPosition> Take((FoundTopic Topic, IReadOnlyList<SplitPosition> Splits) found)
    {
        Log = new LogIdentity(Topic, found.Topic.Id);
        _watch.Begin(found.Topic);
        _guard.Committed(found.Splits);
        return found.Splits;
    }
}
