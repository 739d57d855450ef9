using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>A topic as an at-least-once sink: output is visible at once, and acknowledged before a checkpoint counts.</summary>
/// <remarks>Each subtask has an idempotent producer of its own, so that its flush waits for nothing that others go on to write.</remarks>
internal sealed class KafkaPlainSink<T>(LogSink<T> sink, SinkTopic topic, KafkaClients clients, ConnectorContext context) : ISink<T>
{
    private const int ConnectMs = 1000;

    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task<KafkaProducer>> _producers = [];

    public bool IsTransactional => false;

    public async Task CheckAsync(CancellationToken cancellation) => await topic.CheckAsync(cancellation).ConfigureAwait(false);

    public ISinkWriter<T> CreateWriter(int subtask, Action wake)
    {
        var budget = new StagingBudget(clients.Options.StagingRecordsMax, clients.Options.StagingBytesMax);
        var writer = new KafkaWriter<T>(sink, topic.Name, topic.Partitions, transactional: false, budget, context.Time, wake);
        // Connecting blocks; what is written meanwhile is held back.
        _producers.Add(Task.Factory.StartNew(() => Open(subtask, writer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return writer;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        foreach (var opening in _producers)
        {
            var producer = await opening.ConfigureAwait(false);
            await Task.Factory.StartNew(producer.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        _ended.Dispose();
    }

    private KafkaProducer Open(int subtask, KafkaWriter<T> writer)
    {
        var producer = clients.Idempotent(sink.Name, subtask, topic.Name, context.Fail);
        try
        {
            writer.Open(Target(producer), _ended.Token);
        }
        catch (JobException failure)
        {
            context.Fail(failure);
        }
        catch (OperationCanceledException)
        {
            // The attempt ended first.
        }
        return producer;
    }

    private ProducerTopic Target(KafkaProducer producer)
    {
        while (true)
        {
            _ended.Token.ThrowIfCancellationRequested();
            var error = producer.OpenTopic(topic.Name, ConnectMs, out var target);
            if (error.IsNone)
            {
                clients.Patience.Answered();
                return target;
            }
            var failure = KafkaFaults.StartFailure(error, $"Sink {sink.Name}: topic {topic.Name} can't be written");
            if (!KafkaFaults.IsNoAnswer(failure))
            {
                throw failure;
            }
            clients.Patience.NoAnswer(error.Text);
        }
    }
}
