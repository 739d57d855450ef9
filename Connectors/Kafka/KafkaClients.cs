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
    private Task _ended = Task.CompletedTask;

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
        new(KafkaSettings.Transactional(options, ClientId($"transaction-{id}"), TransactionalId(id), transactionTimeout, batchBytesMax), Limits, Patience, time, logger, failed, Noted);

    public string TransactionalId(int id) => $"weir.{job}.{slot}.{id}";

    /// <summary>A producer whose records are visible at once.</summary>
    public KafkaProducer Idempotent(string sink, int subtask, string topic, Action<JobException> failed) =>
        new(KafkaSettings.Producer(options, ClientId($"sink-{sink}-{subtask}"), Limits.Of(topic)), Limits, Patience, time, logger, failed, Noted);

    private void Noted(JobException failure) => KafkaMetrics.SinkFailed(job, failure.Reason);

    /// <summary>What a group has committed, for all topics.</summary>
    public async Task<List<TopicOffset>> GroupOffsetsAsync(string group)
    {
        // A client of administration alone takes the whole process down where the coordinator that it asks has moved, or is not ready (librdkafka #5040): it looks for a consumer to tell.
        var member = Made(ClientId("group"), id => new ConsumerBuilder<Ignore, Ignore>(KafkaSettings.Consumer(options, id, group, reportEnds: false))
            .SetLogHandler((_, line) => logger.ClientLine(line.Facility, line.Message))
            .SetErrorHandler((_, error) => Patience.Hear(new KafkaError((int)error.Code, error.Reason)))
            .Build());
        var admin = new KafkaAdmin(new DependentAdminClientBuilder(member.Handle).Build());
        try
        {
            return await admin.GroupOffsetsAsync(group).ConfigureAwait(false);
        }
        finally
        {
            EndLater(admin, member);
        }
    }

    /// <summary>The consumer of a split reader.</summary>
    /// <param name="source">The source.</param>
    /// <param name="subtask">Its subtask.</param>
    /// <param name="bounded">Whether it is to say where a partition ends.</param>
    /// <param name="heard">Told what the client says of its brokers, on the thread that asks it for records.</param>
    public KafkaConsumer SplitReader(string source, int subtask, bool bounded, Action<KafkaError> heard) =>
        new(KafkaSettings.Consumer(options, ClientId($"source-{source}-{subtask}"), Group, bounded), logger, heard);

    /// <summary>The consumer of a legacy reader.</summary>
    /// <param name="source">The source.</param>
    /// <param name="subtask">Its subtask.</param>
    /// <param name="bounded">Whether it is to say where a partition ends.</param>
    /// <param name="heard">Told what the client says of its brokers, on the thread that asks it for records.</param>
    public IConsumer<byte[], byte[]> LegacyReader(string source, int subtask, bool bounded, Action<KafkaError> heard) =>
        Made(ClientId($"source-{source}-{subtask}"), id => new ConsumerBuilder<byte[], byte[]>(KafkaSettings.Consumer(options, id, Group, bounded))
            .SetLogHandler((_, line) => logger.ClientLine(line.Facility, line.Message))
            .SetErrorHandler((_, error) => heard(new KafkaError((int)error.Code, error.Reason)))
            .Build());

    public KafkaConsumer PointerReader() => new(KafkaSettings.PointerReader(options, ClientId("pointer"), Group), logger, Patience.Hear);

    /// <summary>The one that all of the attempt share: making and ending one costs more than a call.</summary>
    public KafkaAdmin Admin()
    {
        lock (_making)
        {
            return _admin ??= new KafkaAdmin(Made(ClientId("admin"), id => new AdminClientBuilder(KafkaSettings.Admin(options, id))
                .SetLogHandler((_, line) => logger.ClientLine(line.Facility, line.Message))
                .SetErrorHandler((_, error) => Patience.Hear(new KafkaError((int)error.Code, error.Reason)))
                .Build()));
        }
    }

    public void Dispose()
    {
        _admin?.Dispose();
        Task ended;
        lock (_making)
        {
            ended = _ended;
        }
        ended.Wait(); // 100 ms where the start itself failed, else nothing.
    }

    // Ending an admin client takes the 100 ms of its poll: the start does not wait for it, its end does.
    private void EndLater(KafkaAdmin admin, IConsumer<Ignore, Ignore> member)
    {
        var end = Task.Run(() =>
        {
            admin.Dispose();
            member.Dispose();
        });
        lock (_making)
        {
            _ended = Task.WhenAll(_ended, end);
        }
    }

    private static T Made<T>(string id, Func<string, T> make)
    {
        try
        {
            return make(id);
        }
        catch (InvalidOperationException failure)
        {
            throw new JobException(JobFailure.Configuration, $"Kafka client {id} can't be made: {failure.Message.TrimEnd('.')}.", failure);
        }
    }

    private string ClientId(string role) => $"weir.{job}.{slot}.{role}";
}
