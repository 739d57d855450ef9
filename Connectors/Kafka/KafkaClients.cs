using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>Makes consumers, producers and the admin client of one attempt of a job, and nobody else does.</summary>
/// <param name="options">What the operator set.</param>
/// <param name="job">Whose clients they are.</param>
/// <param name="slot">Which of the job's slots.</param>
/// <param name="startLimit">How long a start may wait for brokers; null waits for ever.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where the clients' lines go.</param>
/// <remarks>Thread: any. Consumers and producers are their callers' to dispose; the admin client is shared, and ends with this.</remarks>
internal sealed class KafkaClients(KafkaOptions options, string job, int slot, TimeSpan? startLimit, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly Lock _making = new();
    private KafkaAdmin? _admin;

    /// <summary>The group that the job's offsets are committed as.</summary>
    public string Group { get; } = GroupOf(job);

    public ILogger Logger => logger;

    /// <summary>Waits for the brokers on behalf of all of them.</summary>
    public BrokerPatience Patience { get; } = new(options.BootstrapServers, startLimit, time, logger);

    /// <summary>What the topics take that were looked up; producers keep their batches below it.</summary>
    public TopicLimits Limits { get; } = new();

    public KafkaOptions Options => options;

    public static string GroupOf(string job) => $"weir.{job}";

    /// <summary>A producer of one of the slot's transactional ids.</summary>
    /// <param name="id">Which.</param>
    /// <param name="transactionTimeout">When the broker gives a transaction up.</param>
    /// <param name="batchBytesMax">The largest batch that all its topics take; null where nothing bounds it.</param>
    /// <param name="failed">Told of what fails outside of a call.</param>
    public KafkaProducer Transactional(int id, TimeSpan transactionTimeout, long? batchBytesMax, Action<JobException> failed) =>
        new(KafkaSettings.Transactional(options, ClientId($"transaction-{id}"), TransactionalId(id), transactionTimeout, batchBytesMax), Limits, Patience, time, logger, failed);

    public string TransactionalId(int id) => $"weir.{job}.{slot}.{id}";

    /// <summary>A producer whose records are visible at once.</summary>
    public KafkaProducer Idempotent(string sink, int subtask, string topic, Action<JobException> failed) =>
        new(KafkaSettings.Producer(options, ClientId($"sink-{sink}-{subtask}"), Limits.Of(topic)), Limits, Patience, time, logger, failed);

    public KafkaConsumer SplitReader(string source, int subtask, bool bounded) =>
        new(KafkaSettings.Consumer(options, ClientId($"source-{source}-{subtask}"), Group, bounded), logger);

    /// <summary>The consumer of a legacy reader.</summary>
    /// <param name="source">The source.</param>
    /// <param name="subtask">Its subtask.</param>
    /// <param name="bounded">Whether it is to say where a partition ends.</param>
    /// <param name="heard">Told what the client says of its brokers, on the thread that asks it for records.</param>
    public IConsumer<byte[], byte[]> LegacyReader(string source, int subtask, bool bounded, Action<KafkaError> heard)
    {
        string id = ClientId($"source-{source}-{subtask}");
        try
        {
            return new ConsumerBuilder<byte[], byte[]>(KafkaSettings.Consumer(options, id, Group, bounded))
                .SetLogHandler((_, line) => logger.ClientLine(line.Facility, line.Message))
                .SetErrorHandler((_, error) => heard(new KafkaError((int)error.Code, error.Reason)))
                .Build();
        }
        catch (InvalidOperationException failure)
        {
            throw NotMade(id, failure);
        }
    }

    public KafkaConsumer PointerReader() => new(KafkaSettings.PointerReader(options, ClientId("pointer"), Group), logger);

    /// <summary>The one that all of the attempt share: making and ending one costs more than a call.</summary>
    public KafkaAdmin Admin()
    {
        lock (_making)
        {
            return _admin ??= new KafkaAdmin(MakeAdmin());
        }
    }

    public void Dispose() => _admin?.Dispose();

    private IAdminClient MakeAdmin()
    {
        try
        {
            return new AdminClientBuilder(KafkaSettings.Admin(options, ClientId("admin")))
                .SetLogHandler((_, line) => logger.ClientLine(line.Facility, line.Message))
                .SetErrorHandler((_, error) => Patience.Hear(new KafkaError((int)error.Code, error.Reason)))
                .Build();
        }
        catch (InvalidOperationException failure)
        {
            throw NotMade(ClientId("admin"), failure);
        }
    }

    private static JobException NotMade(string id, InvalidOperationException failure) =>
        new(JobFailure.Configuration, $"Kafka client {id} can't be made: {failure.Message.TrimEnd('.')}.", failure);

    private string ClientId(string role) => $"weir.{job}.{slot}.{role}";
}
