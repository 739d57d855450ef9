using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Sandbox;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>What a test does to a broker beside the connectors: topics of its own, records in, records out, read by a client that is not ours.</summary>
internal sealed class KafkaScript : IAsyncDisposable
{
    /// <summary>Nothing here takes this long; a test that waits for it hangs.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private readonly IAdminClient _admin;
    private readonly List<KafkaClients> _clients = [];

    private KafkaScript(string bootstrap)
    {
        Bootstrap = bootstrap;
        _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
    }

    public string Bootstrap { get; }

    /// <summary>Unique in the run, so that tests share a broker.</summary>
    public string Job { get; } = $"job-{Guid.NewGuid():N}"[..16];

    public IAdminClient Admin => _admin;

    public static async Task<KafkaScript> OnAsync(TestBroker broker) => new(await broker.BootstrapAsync());

    /// <summary>On a broker of the test's own.</summary>
    public static KafkaScript At(string bootstrap) => new(bootstrap);

    /// <summary>On the embedded broker, which fails as its test wants.</summary>
    public static KafkaScript On(InMemoryBroker broker) => new(broker.BootstrapServers);

    public async Task<string> TopicAsync(int partitions, params (string Key, string Value)[] settings)
    {
        string topic = $"topic-{Guid.NewGuid():N}"[..18];
        await _admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, Configs = settings.ToDictionary(pair => pair.Key, pair => pair.Value) }]);
        while (_admin.GetMetadata(topic, Hang).Topics[0].Error.IsError)
        {
            await Task.Yield();      // brokers show it a moment later
        }
        return topic;
    }

    /// <summary>Gives a topic more partitions, and waits until the brokers show them.</summary>
    public async Task GrowAsync(string topic, int partitions)
    {
        await _admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = partitions }]);
        while (_admin.GetMetadata(topic, Hang).Topics[0].Partitions.Count < partitions)
        {
            await Task.Yield();
        }
    }

    /// <summary>Deletes a topic and makes it again, under the same name.</summary>
    /// <returns>Its ids before and after.</returns>
    public async Task<(string Before, string After)> RemakeAsync(string topic, int partitions)
    {
        string before = (await IdAsync())!;
        await _admin.DeleteTopicsAsync([topic]);
        while (await IdAsync() is not null)
        {
            await Task.Yield();      // asking for its metadata would make it again by itself
        }
        await _admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions }]);
        string? after;
        while ((after = await IdAsync()) is null)
        {
            await Task.Yield();
        }
        return (before, after);

        async Task<string?> IdAsync()
        {
            try
            {
                return (await _admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]))).TopicDescriptions[0].TopicId.ToString();
            }
            catch (DescribeTopicsException)
            {
                return null;
            }
        }
    }

    /// <summary>Produces, in one transaction where an id is given, records of now or of the time that is given.</summary>
    public void Produce(string topic, int partition, IEnumerable<string> values, string? transactionalId = null, bool commit = true, DateTimeOffset? time = null)
    {
        using var producer = new ProducerBuilder<byte[]?, string>(new ProducerConfig { BootstrapServers = Bootstrap, TransactionalId = transactionalId, LingerMs = 0 }).Build();
        if (transactionalId is not null)
        {
            producer.InitTransactions(Hang);
            producer.BeginTransaction();
        }
        foreach (string value in values)
        {
            producer.Produce(new TopicPartition(topic, partition), new Message<byte[]?, string> { Value = value, Timestamp = time is { } given ? new Timestamp(given) : Timestamp.Default });
        }
        producer.Flush(Hang);
        if (transactionalId is not null && commit)
        {
            producer.CommitTransaction(Hang);
        }
        else if (transactionalId is not null)
        {
            producer.AbortTransaction(Hang);
        }
    }

    /// <summary>Produces one message with all that it may have to partition 0.</summary>
    public void Send(string topic, byte[]? key, byte[]? value, DateTimeOffset time, params (string Name, byte[]? Value)[] headers)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = Bootstrap, LingerMs = 0 }).Build();
        var message = new Message<byte[]?, byte[]?> { Key = key, Value = value, Timestamp = new Timestamp(time), Headers = [] };
        foreach (var (name, bytes) in headers)
        {
            message.Headers.Add(name, bytes);
        }
        producer.Produce(new TopicPartition(topic, 0), message);
        producer.Flush(Hang);
    }

    /// <summary>All of every message that a reader of committed records sees in partition 0.</summary>
    public List<ConsumeResult<byte[]?, byte[]>> Messages(string topic)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]>(new ConsumerConfig
        {
            BootstrapServers = Bootstrap,
            GroupId = "audit",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var messages = new List<ConsumeResult<byte[]?, byte[]>>();
        while (consumer.Consume(Hang) is { } result && !result.IsPartitionEOF)
        {
            messages.Add(result);
        }
        return messages;
    }

    /// <summary>What a group has committed of a partition; null where it has nothing, or nothing any more.</summary>
    public long? GroupOffset(string group, string topic, int partition)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Bootstrap, GroupId = group, EnableAutoCommit = false }).Build();
        while (true)
        {
            try
            {
                return consumer.Committed([new TopicPartition(topic, partition)], Hang)[0].Offset.Value is >= 0 and var offset ? offset : null;
            }
            catch (KafkaException moving) when (moving.Error.Code is ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupLoadInProgress)
            {
                Thread.Yield();      // as at the first use of a cluster
            }
        }
    }

    /// <summary>All that a reader of committed records sees of a partition now, up to its last stable offset.</summary>
    public List<string> Committed(string topic, int partition) => Read(topic, partition, IsolationLevel.ReadCommitted);

    /// <summary>All records of a partition, committed or not.</summary>
    public List<string> Written(string topic, int partition) => Read(topic, partition, IsolationLevel.ReadUncommitted);

    public KafkaJobOptions Options() => new() { Client = new KafkaOptions { BootstrapServers = Bootstrap } };

    public ConnectorContext Context(Action<Exception>? fail = null, bool hasLogSink = true, string life = "", Action<string, RestartSlack?>? slack = null) => new()
    {
        Job = Job,
        Slot = 0,
        LifeId = life,
        IsRestart = false,
        HasLogSink = hasLogSink,
        HasLog = true,
        CheckpointInterval = TimeSpan.FromSeconds(1),
        CheckpointTimeout = TimeSpan.FromSeconds(30),
        Time = TimeProvider.System,
        Logger = NullLogger.Instance,
        Fail = fail ?? (static _ => { }),
        NoteSlack = slack ?? (static (_, _) => { }),
    };

    /// <summary>Clients for a part that is tested by itself.</summary>
    public KafkaClients Clients()
    {
        var clients = new KafkaClients(Options().Client, Job, 0, startLimit: null, TimeProvider.System, NullLogger.Instance);
        _clients.Add(clients);
        return clients;
    }

    public ValueTask DisposeAsync()
    {
        _clients.ForEach(static clients => clients.Dispose());
        _admin.Dispose();
        return ValueTask.CompletedTask;
    }

    private List<string> Read(string topic, int partition, IsolationLevel isolation)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = Bootstrap,
            GroupId = "audit",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = isolation,
            FetchWaitMaxMs = 10,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
        var values = new List<string>();
        while (consumer.Consume(Hang) is { } result && !result.IsPartitionEOF)
        {
            values.Add(Encoding.UTF8.GetString(result.Message.Value ?? []));
        }
        return values;
    }
}

/// <summary>A message whose value is text.</summary>
internal sealed class TextMessages : MessageCodec<string>
{
    public override Codec<string> Records => Codec.Utf8;

    public override string Decode(in Message message) => Encoding.UTF8.GetString(message.Value);

    public override bool EncodeValue(in string record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.Append(Encoding.UTF8.GetBytes(record));
        return true;
    }
}
