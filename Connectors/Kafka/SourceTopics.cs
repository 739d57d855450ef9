using Weir.Connectors.Kafka.Aside;
using Weir.Connectors.Kafka.Retention;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>All topics of a source, whoever reads them, as one set of splits.</summary>
internal sealed class SourceTopics : IAsyncDisposable
{
    private readonly string _job;
    private readonly string _source;
    private readonly KafkaClients _clients;
    private readonly KafkaSourceOptions _options;
    private readonly List<SourceTopic> _topics;

    public SourceTopics(string source, KafkaSourceOptions options, KafkaClients clients, ConnectorContext context)
    {
        _job = context.Job;
        _source = source;
        _clients = clients;
        _options = options;
        var slack = new LeastSlack(context.NoteSlack);
        _topics = [.. options.TopicsOf(source).Select(topic => new SourceTopic(source, topic, options, clients, context with { NoteSlack = (_, left) => slack.Note(source, topic, left) }))];
    }

    /// <summary>The topics, for people.</summary>
    public string Names => string.Join(", ", _options.TopicsOf(_source));

    /// <summary>Whether it ends.</summary>
    public bool IsBounded => _options.IsBounded;

    public bool StartsFromOwnGroup => _options.Start == SourceStart.Group && (_options.StartGroup ?? _clients.Group) == _clients.Group;

    public IReadOnlyList<LogIdentity> Logs => [.. _topics.Select(topic => topic.Log).OfType<LogIdentity>()];

    /// <summary>Where a reader of some of the splits stands; the topics' guards see it, too.</summary>
    public PartitionCursors CursorsOf(IReadOnlyList<SplitPosition> splits)
    {
        var cursors = new PartitionCursors(splits);
        _topics.ForEach(topic => topic.Reads(cursors));
        return cursors;
    }

    /// <summary>Decides about records of a subtask that can't be decoded.</summary>
    public UndecodableRecords Undecodable() => new(_job, _source, _options.OnUndecodable, _clients.Logger);

    /// <summary>Decides where a subtask goes on whose next record is gone.</summary>
    public LossRule Losses() => new(_job, _source, _options.OnDataLoss, _clients.Logger);

    public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => AskAsync(static topic => topic.ResolveAsync(), cancellation);

    public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        AskAsync(topic => topic.ResumeAsync(positions, logs), cancellation);

    /// <inheritdoc cref="SourceTopic.Guard"/>
    public void Guard() => _topics.ForEach(static topic => topic.Guard());

    /// <inheritdoc cref="SourceTopic.Committed"/>
    public void Committed(IReadOnlyList<SplitPosition> positions) => _topics.ForEach(topic => topic.Committed(positions));

    public async ValueTask DisposeAsync()
    {
        foreach (var topic in _topics)
        {
            await topic.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<SplitPosition>> AskAsync(Func<SourceTopic, Task<(FoundTopic Topic, IReadOnlyList<SplitPosition> Splits)>> ask, CancellationToken cancellation)
    {
        var found = await _clients.Patience.AskAsync(() => Task.WhenAll(_topics.Select(ask)), cancellation).ConfigureAwait(false);
        foreach (var (topic, (log, splits)) in _topics.Zip(found))
        {
            topic.Take(log, splits);
        }
        return [.. found.SelectMany(one => one.Splits)];
    }
}
