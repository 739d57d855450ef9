namespace Weir.Connectors.Kafka;

/// <summary>How a job reaches Kafka, and what of the exactly-once protocol an operator may set.</summary>
public sealed class KafkaOptions
{
    /// <summary>Brokers to ask first, as <c>host:port</c> with commas between. Required.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>
    /// Further settings of librdkafka, e.g. <c>security.protocol</c> or <c>SecurityProtocol</c>; given to every client. Those that the protocol
    /// rests on are refused with the reason. Values are never logged.
    /// </summary>
    public Dictionary<string, string> Client { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The topic that holds the job's commits.</summary>
    public CommitsTopicOptions CommitsTopic { get; } = new();

    /// <summary>How long a commit may be tried at the end of a transaction's life. 60 s by default, at least 10 s.</summary>
    public TimeSpan CommitBudget { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long uploads may be tried again between the switch and the commit's own budget. 60 s by default, at least 10 s.</summary>
    public TimeSpan UploadBudget { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The broker's <c>transaction.max.timeout.ms</c>. 15 min by default, as Kafka's.</summary>
    public TimeSpan TransactionTimeoutMax { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Most bytes that wait, over all sinks of a slot, between the switch of a checkpoint and its flush. 4 MiB by default; beyond, sinks take no more.</summary>
    public long StagingBytesMax { get; set; } = 4L << 20;

    /// <summary>The same in records. 20,000 by default.</summary>
    public int StagingRecordsMax { get; set; } = 20_000;

    /// <summary>What a reader has queued where nothing bounds it: some 20 ms of reading.</summary>
    internal const long PrefetchBytesDefault = 4L << 20;

    /// <summary>Most bytes that a reader has queued, unless <see cref="Client"/> says otherwise.</summary>
    internal long PrefetchBytesMax { get; set; } = PrefetchBytesDefault;

    /// <summary>How long a start waits for a broker that does not answer; null (the default) waits until it is cancelled.</summary>
    public TimeSpan? StartupTimeout { get; set; }
}

/// <summary>The topic that holds a job's commits: compacted, with a partition for each slot.</summary>
public sealed class CommitsTopicOptions
{
    /// <summary>Its name; null (the default) is <c>weir-commits-</c> and the job's name.</summary>
    public string? Name { get; set; }

    /// <summary>Whether it is made where it does not exist. True by default.</summary>
    public bool Create { get; set; } = true;

    /// <summary>Replicas of a topic that is made; null (the default) is 3, or as many as there are brokers.</summary>
    public short? ReplicationFactor { get; set; }
}
