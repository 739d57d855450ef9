using Weir.Connectors.Kafka.Retention;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>One topic of a source, whoever reads it: a split for each partition, found, resumed, watched and guarded.</summary>
internal sealed class SourceTopic : IAsyncDisposable
{
    private readonly string _topic;
    private readonly StartOffsets _offsets;
    private readonly TopicWatch _watch;
    private readonly RetentionGuard _guard;

    public SourceTopic(string source, string topic, KafkaSourceOptions options, KafkaClients clients, ConnectorContext context)
    {
        _topic = topic;
        var named = options.PartitionsOf(topic);
        // What is read up to an end has no use for more; and what ended there when it began needs no watch to come to it.
        var interval = options.End is SourceEnd.Never or SourceEnd.Offsets ? options.DiscoveryInterval : TimeSpan.Zero;
        _watch = new TopicWatch(source, topic, named is null && !options.IsBounded, interval, options.OnDataLoss != DataLoss.Fail, clients, context.Time, context.Fail);
        _guard = new RetentionGuard(source, topic, options, clients, context);
        _offsets = new StartOffsets(source, topic, named, options, clients);
    }

    public LogIdentity? Log { get; private set; }

    public Task<(FoundTopic Topic, IReadOnlyList<SplitPosition> Splits)> ResolveAsync() => _offsets.ResolveAsync();

    /// <param name="positions">Where the source stood, in this topic and in others.</param>
    /// <param name="logs">The ids of the topics that the positions belong to, by name.</param>
    public Task<(FoundTopic Topic, IReadOnlyList<SplitPosition> Splits)> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs) =>
        _offsets.ResumeAsync(Own(positions), logs.GetValueOrDefault(_topic));

    /// <summary>Takes what was found: from now on it is watched.</summary>
    public void Take(FoundTopic found, IReadOnlyList<SplitPosition> splits)
    {
        Log = new LogIdentity(_topic, found.Id);
        _watch.Begin(found);
        _guard.Committed(splits);
    }

    /// <summary>Somebody reads some of the splits, of this topic and others, and says here where.</summary>
    public void Reads(PartitionCursors cursors) => _guard.Reads(cursors);

    /// <summary>The attempt is about to read: from now on it is guarded.</summary>
    public void Guard() => _guard.Begin();

    /// <summary>A checkpoint is the one that counts: from here a restart would read on.</summary>
    public void Committed(IReadOnlyList<SplitPosition> positions) => _guard.Committed(Own(positions));

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync().ConfigureAwait(false);
        await _guard.DisposeAsync().ConfigureAwait(false);
    }

    private IReadOnlyList<SplitPosition> Own(IReadOnlyList<SplitPosition> positions) => [.. positions.Where(position => SplitName.Parse(position.Split).Topic == _topic)];
}
