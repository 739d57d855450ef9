using System.Globalization;
using Confluent.Kafka;
using Weir.Sandbox;
using Weir.Tests.Connectors;

namespace Weir.Tests.Sandbox;

public sealed class CompactionTests
{
    private const int Keys = 3;
    private const int Rounds = 100;

    [Fact]
    public async Task A_compacted_topic_keeps_the_newest_record_of_each_key_where_it_was()
    {
        await using var broker = InMemoryBroker.Start();
        await using var kafka = KafkaScript.On(broker);
        string topic = await kafka.TopicAsync(1, ("cleanup.policy", "compact"));
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            for (int record = 0; record < Keys * Rounds; record++)
            {
                // Each in a batch of its own.
                await producer.ProduceAsync(topic, Message(record), TestContext.Current.CancellationToken);
            }
        }
        using (var producer = Transactional(broker))
        {
            // What is aborted takes the place of nothing, and goes.
            producer.BeginTransaction();
            await producer.ProduceAsync(topic, Message(0, "aborted"), TestContext.Current.CancellationToken);
            producer.AbortTransaction();
        }
        List<ConsumeResult<string, string>> left;
        do
        {
            left = Read(broker, topic);
        }
        while (left.Count == Keys * Rounds);

        // What came since the last time is not looked at yet.
        Assert.InRange(left.Count, Keys, 100);
        Assert.All(left, record => Assert.Equal(record.Offset.Value, long.Parse(record.Message.Value, CultureInfo.InvariantCulture)));
        Assert.Equal(
            Enumerable.Range(Keys * (Rounds - 1), Keys).Select(record => (long)record),
            left.GroupBy(record => record.Message.Key).Select(same => same.Max(record => record.Offset.Value)).Order());
    }

    private static Message<string, string> Message(int record, string? value = null) => new()
    {
        Key = (record % Keys).ToString(CultureInfo.InvariantCulture),
        Value = value ?? record.ToString(CultureInfo.InvariantCulture),
    };

    private static IProducer<string, string> Transactional(InMemoryBroker broker)
    {
        var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, TransactionalId = "compaction" }).Build();
        producer.InitTransactions(KafkaScript.Hang);
        return producer;
    }

    private static List<ConsumeResult<string, string>> Read(InMemoryBroker broker, string topic)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = "compaction",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
        };
        using var consumer = new ConsumerBuilder<string, string>(config).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var read = new List<ConsumeResult<string, string>>();
        while (consumer.Consume(TestContext.Current.CancellationToken) is { IsPartitionEOF: false } record)
        {
            read.Add(record);
        }
        return read;
    }
}
