using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>A topic as an at-least-once sink: one idempotent producer for all subtasks, flushed before a checkpoint counts; output is visible at once.</summary>
internal sealed class KafkaPlainSink<T>(LogSink<T> sink, SinkTopic topic, KafkaClients clients, ConnectorContext context) : ISink<T>
{
    private const int ConnectMs = 10_000;

    // Nothing is held back here but for a full client queue, which no budget bounds.
    private readonly StagingBudget _unbounded = new(int.MaxValue, long.MaxValue);
    private KafkaProducer? _producer;
    private ProducerTopic? _target;

    public bool IsTransactional => false;

    public async Task CheckAsync(CancellationToken cancellation)
    {
        await topic.CheckAsync(cancellation).ConfigureAwait(false);
        await Task.Factory.StartNew(Open, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    public ISinkWriter<T> CreateWriter(int subtask, Action wake)
    {
        var writer = new KafkaWriter<T>(sink, topic.Name, topic.Partitions, transactional: false, _unbounded, context.Time, wake);
        writer.Release(_target!);
        return writer;
    }

    public async ValueTask DisposeAsync()
    {
        if (_producer is { } producer)
        {
            await Task.Factory.StartNew(producer.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    private void Open()
    {
        _producer ??= clients.Idempotent(sink.Name, topic.Name, context.Fail);
        var error = _producer.OpenTopic(topic.Name, ConnectMs, out var target);
        if (!error.IsNone)
        {
            throw KafkaFaults.StartFailure(error, $"Sink {sink.Name}: topic {topic.Name} can't be written");
        }
        _target = target;
    }
}
