using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>A topic as an exactly-once sink: its subtasks write into the slot's transaction, which the checkpoint's commit commits.</summary>
internal sealed class KafkaTransactionalSink<T> : ISink<T>
{
    private readonly LogSink<T> _sink;
    private readonly SinkTopic _topic;
    private readonly SlotTransactions _transactions;
    private readonly StagingBudget _budget;
    private readonly TimeProvider _time;

    public KafkaTransactionalSink(LogSink<T> sink, SinkTopic topic, SlotTransactions transactions, StagingBudget budget, TimeProvider time)
    {
        _sink = sink;
        _topic = topic;
        _transactions = transactions;
        _budget = budget;
        _time = time;
        transactions.Add(topic.Name);
    }

    public bool IsTransactional => true;

    public Task CheckAsync(CancellationToken cancellation) => _topic.CheckAsync(cancellation);

    public ISinkWriter<T> CreateWriter(int subtask, Action wake)
    {
        var writer = new KafkaWriter<T>(_sink, _topic.Name, _topic.Partitions, transactional: true, _budget, _time, wake);
        _transactions.Add(writer);
        return writer;
    }

    // The transactions belong to the commit port.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
