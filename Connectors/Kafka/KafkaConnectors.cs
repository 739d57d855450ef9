using Weir.Connectors.Kafka.Legacy;
using Weir.Connectors.Kafka.Native;
using Weir.Connectors.Kafka.Sink;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>All of one attempt that touches Kafka: sources, sinks, and the commit port that all transactional sinks share.</summary>
internal sealed class KafkaConnectors : IConnectors
{
    private readonly KafkaJobOptions _options;
    private readonly ConnectorContext _context;
    private readonly KafkaClients _clients;
    private readonly KafkaCheckpointCommit _commit;
    private readonly StagingBudget _staging;
    private readonly Dictionary<string, SourceTopics> _sources = new(StringComparer.Ordinal);
    private readonly List<SinkTopic> _sinkTopics = [];

    public KafkaConnectors(KafkaJobOptions options, ConnectorContext context)
    {
        _options = options;
        _context = context;
        _clients = new KafkaClients(options.Client, context.Job, context.Slot, context.IsRestart ? null : options.Client.StartupTimeout, context.Time, context.Logger);
        _commit = new KafkaCheckpointCommit(context, _clients, _sources, _sinkTopics);
        _staging = new StagingBudget(options.Client.StagingRecordsMax, options.Client.StagingBytesMax);
        context.Logger.LibraryTaken(LibrdkafkaLibrary.Load());
    }

    public ICheckpointCommit Commit => _commit;

    public ISource<T> OpenSource<T>(LogSource<T> source)
    {
        var options = _options.Source(source.Name);
        var topics = _sources[source.Name] = new SourceTopics(source.Name, options, _clients, _context);
        return options.Reader == SourceReader.Legacy ? new LegacyKafkaSource<T>(source, topics, _clients) : new KafkaSplitSource<T>(source, topics, _clients);
    }

    public ISink<T> OpenSink<T>(LogSink<T> sink)
    {
        var options = _options.Sink(sink.Name);
        var topic = new SinkTopic(sink.Name, options, _clients);
        var guarantee = options.Guarantee ?? (sink.IsTransactional ? SinkGuarantee.ExactlyOnce : SinkGuarantee.AtLeastOnce);
        if (guarantee == SinkGuarantee.AtLeastOnce)
        {
            return new KafkaPlainSink<T>(sink, topic, _clients, _context);
        }
        _sinkTopics.Add(topic);
        return new KafkaTransactionalSink<T>(sink, topic, _commit.Transactions, _staging, _context.Time);
    }

    public async ValueTask DisposeAsync()
    {
        await _commit.DisposeAsync().ConfigureAwait(false);
        _clients.Dispose();
    }
}
