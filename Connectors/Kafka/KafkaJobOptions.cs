using Weir.Connectors.Kafka.Splits;

namespace Weir.Connectors.Kafka;

/// <summary>All that Kafka needs to know of one job.</summary>
public sealed class KafkaJobOptions
{
    /// <summary>How Kafka is reached.</summary>
    public KafkaOptions Client { get; init; } = new();

    /// <summary>Sources by their name in the job; one that is not named here takes the defaults.</summary>
    public Dictionary<string, KafkaSourceOptions> Sources { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Sinks by their name in the job; one that is not named here takes the defaults.</summary>
    public Dictionary<string, KafkaSinkOptions> Sinks { get; init; } = new(StringComparer.Ordinal);

    internal KafkaSourceOptions Source(string name) => Sources.GetValueOrDefault(name) ?? new KafkaSourceOptions();

    internal KafkaSinkOptions Sink(string name) => Sinks.GetValueOrDefault(name) ?? new KafkaSinkOptions();
}

/// <summary>One source.</summary>
public sealed class KafkaSourceOptions
{
    /// <summary>The topic; null (the default) is the source's name, unless <see cref="Topics"/> names some.</summary>
    public string? Topic { get; set; }

    /// <summary>
    /// The topics of a source that reads more than one, instead of <see cref="Topic"/>. A topic that is added from one start to the next is read from its oldest record; one that is removed
    /// must be allowed to be left behind (<c>--allow-dropped-state</c>), since its position is.
    /// </summary>
    public IList<string> Topics { get; init; } = [];

    /// <summary>
    /// The partitions to read, by topic, as numbers and ranges: <c>0-3,7</c>. A topic that is not named here (the default) is read whole, with the partitions that are added to it. The list may
    /// change from one start to the next, as that of topics may.
    /// </summary>
    public Dictionary<string, string> Partitions { get; init; } = new(StringComparer.Ordinal);

    internal IReadOnlyList<string> TopicsOf(string source) => Topics.Count > 0 ? [.. Topics] : [Topic ?? source];

    internal PartitionSet? PartitionsOf(string topic) => Partitions.TryGetValue(topic, out string? text) && PartitionSet.TryParse(text, out var set) ? set : null;

    /// <summary>Where a job that starts for the first time begins. <see cref="SourceStart.Earliest"/> by default.</summary>
    public SourceStart Start { get; set; }

    /// <summary>For <see cref="SourceStart.Timestamp"/>: begins with the first record at or after it.</summary>
    public DateTimeOffset? StartTimestamp { get; set; }

    /// <summary>For <see cref="SourceStart.Offsets"/>: the first offset to read, by topic and partition, such as <c>orders-0</c>; every partition that is read must be named.</summary>
    public Dictionary<string, long> StartOffsets { get; init; } = new(StringComparer.Ordinal);

    /// <summary>For <see cref="SourceStart.Group"/>: the consumer group; null (the default) is the job's own, <c>weir.</c> and its name.</summary>
    public string? StartGroup { get; set; }

    /// <summary>
    /// Where the source ends, after which it reads nothing more. <see cref="SourceEnd.Never"/> by default. An end is resolved to offsets once, at the start, and goes into the checkpoints: a
    /// restart ends where the first start would have. A job that has come to all its ends, and is started again, resolves them anew; and so does one whose settings say another end by then.
    /// </summary>
    public SourceEnd End { get; set; }

    /// <summary>
    /// For <see cref="SourceEnd.Timestamp"/>: in each partition the first record at or after it is the first that is not read. A partition that has none when the job starts ends where it
    /// ended then, as one that is read to its current end does: nothing waits for a record that may never come.
    /// </summary>
    public DateTimeOffset? EndTimestamp { get; set; }

    /// <summary>
    /// For <see cref="SourceEnd.Offsets"/>: the first offset not to read, by topic and partition, such as <c>orders-0</c>; every partition that is read must be named. One that the partition
    /// has not come to yet is waited for.
    /// </summary>
    public Dictionary<string, long> EndOffsets { get; init; } = new(StringComparer.Ordinal);

    internal bool IsBounded => End != SourceEnd.Never;

    /// <summary>
    /// Who reads the topic. <see cref="SourceReader.Split"/> by default. It may be changed from one start to the next: both read on where the other stood.
    /// </summary>
    public SourceReader Reader { get; set; }

    /// <summary>
    /// How often the topic is looked at while it is read: new partitions are then read, too, from their oldest record, by a restart from the last checkpoint; and a topic that was
    /// deleted ends the job. 1 min by default; zero looks at each start only.
    /// </summary>
    public TimeSpan DiscoveryInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What is done with a record that the source's codec can't read. <see cref="UndecodableRecord.Fail"/> by default: nothing is passed over unasked.</summary>
    public UndecodableRecord OnUndecodable { get; set; }

    /// <summary>
    /// What is done where records are gone that were not read: deleted by the topic's retention, by hand, or with the topic. <see cref="DataLoss.Fail"/> by default: the start is refused, or the
    /// job ends, and says which are gone. What is passed over otherwise is logged, counted, and goes to <see cref="KafkaSideOutputs.Lost"/>.
    /// </summary>
    public DataLoss OnDataLoss { get; set; }

    /// <summary>
    /// How often the topic is asked how long it still keeps what a restart would read next. 15 s by default: three calls that cost a broker little, and soon enough
    /// for limits of minutes; where <see cref="UrgentSlack"/> is short, four times in it. Zero never looks: a job behind whose back records expire then learns it at its next start.
    /// </summary>
    public TimeSpan RetentionCheckInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Where less time than this is left until what a restart would read next is deleted, a checkpoint is taken at once: whatever the interval, and unaligned
    /// whatever <c>CheckpointMode</c> says. Null (the default) is an hour, or a quarter of the time that the partition keeps a record if that is less, by <c>retention.ms</c> or as fast as it fills <c>retention.bytes</c>, but never less than <see cref="DegradedSlack"/>: enough for somebody to come,
    /// and far from what a job that reads along needs. Up to 365 days; one longer than the topic keeps records holds for ever.
    /// </summary>
    public TimeSpan? UrgentSlack { get; set; }

    /// <summary>
    /// Where less time than this is left, the job's health is degraded, too. Not more than <see cref="UrgentSlack"/>; zero never degrades. Null (the default) is 30
    /// min, or an eighth of the time that the partition keeps a record, or half of <see cref="UrgentSlack"/>, whichever is least: the checkpoint that was urgent did not help by then.
    /// </summary>
    public TimeSpan? DegradedSlack { get; set; }

    internal static TimeSpan SlackMax { get; } = TimeSpan.FromDays(365);
}

/// <summary>What a source does with a record that its codec can't read.</summary>
public enum UndecodableRecord
{
    /// <summary>The job fails for good, and says which record it is: it would meet the same one after every restart.</summary>
    Fail,

    /// <summary>It is passed over, counted, and said in the log.</summary>
    Skip,

    /// <summary>It goes to the source's side output <see cref="KafkaSideOutputs.Undecodable"/>, which the job must read.</summary>
    SideOutput,

    /// <summary>
    /// It is written to a topic as it was read, in the transaction of the output. The topic is that of a sink, which has the source's name and <c>-dead-letters</c>: set its <c>Topic</c>, or let it
    /// be made (<c>CreateTopic</c>), under <c>Sinks</c>.
    /// </summary>
    DeadLetter,
}

/// <summary>What a source does where the next record to read is gone.</summary>
public enum DataLoss
{
    /// <summary>The job ends, and says which records of which partition are gone.</summary>
    Fail,

    /// <summary>It goes on at the oldest record that the partition has.</summary>
    Earliest,

    /// <summary>It goes on behind the newest record that the partition has, so that those between are passed over, too.</summary>
    Latest,
}

/// <summary>Who reads a topic.</summary>
public enum SourceReader
{
    /// <summary>Weir's own reader, which is asked for records a batch at a time and allocates nothing for one.</summary>
    Split,

    /// <summary>Confluent's consumer in a loop on a thread of its own, which pushes records one by one: slower, with the same guarantees.</summary>
    Legacy,
}

/// <summary>Where a first start begins to read.</summary>
public enum SourceStart
{
    /// <summary>At the oldest record that is kept.</summary>
    Earliest,

    /// <summary>After the newest record: only what comes from now on.</summary>
    Latest,

    /// <summary>At a point in time.</summary>
    Timestamp,

    /// <summary>At given offsets.</summary>
    Offsets,

    /// <summary>
    /// Where a consumer group stands; partitions it has no offset for begin at their oldest record. With the job's own group it is for one start only: it is
    /// refused once the job has committed, since those offsets run ahead of the output.
    /// </summary>
    Group,
}

/// <summary>Where a source ends.</summary>
public enum SourceEnd
{
    /// <summary>It reads as long as the job runs.</summary>
    Never,

    /// <summary>Where each partition ends when the job starts.</summary>
    Current,

    /// <summary>At a point in time.</summary>
    Timestamp,

    /// <summary>At given offsets.</summary>
    Offsets,
}

/// <summary>One sink.</summary>
public sealed class KafkaSinkOptions
{
    /// <summary>The topic; null (the default) is the sink's name.</summary>
    public string? Topic { get; set; }

    internal string TopicOf(string sink) => Topic ?? sink;

    /// <summary>What is promised; null (the default) is what the job's code says.</summary>
    public SinkGuarantee? Guarantee { get; set; }

    /// <summary>Whether the topic is made where it does not exist. False by default.</summary>
    public bool CreateTopic { get; set; }

    /// <summary>Partitions of a topic that is made; null (the default) leaves it to the broker.</summary>
    public int? Partitions { get; set; }
}

/// <summary>What a sink promises.</summary>
public enum SinkGuarantee
{
    /// <summary>Output becomes visible with the checkpoint that covers it, once.</summary>
    ExactlyOnce,

    /// <summary>Output is visible at once, and may repeat after a restart.</summary>
    AtLeastOnce,
}
