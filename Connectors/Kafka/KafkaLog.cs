using Microsoft.Extensions.Logging;

namespace Weir.Connectors.Kafka;

/// <summary>What the Kafka connectors say; events 4000 to 4199.</summary>
internal static partial class KafkaLog
{
    [LoggerMessage(4000, LogLevel.Information, "Kafka client: {Library}")]
    public static partial void LibraryTaken(this ILogger logger, string library);

    [LoggerMessage(4001, LogLevel.Debug, "{Facility}: {Line}")]
    public static partial void ClientLine(this ILogger logger, string facility, string line);

    [LoggerMessage(4002, LogLevel.Error, "{Facility}: {Line}")]
    public static partial void ClientAlarm(this ILogger logger, string facility, string line);

    [LoggerMessage(4010, LogLevel.Warning, "No broker of {Brokers} answers: {Reason}. Waiting for one")]
    public static partial void BrokersAway(this ILogger logger, string brokers, string reason);

    [LoggerMessage(4011, LogLevel.Information, "Brokers answer again, after {WaitedMs:F0} ms")]
    public static partial void BrokersBack(this ILogger logger, double waitedMs);

    [LoggerMessage(4020, LogLevel.Information, "Topic {Topic} made, with {Partitions} partitions")]
    public static partial void TopicMade(this ILogger logger, string topic, int partitions);

    [LoggerMessage(4021, LogLevel.Warning,
        "Topic {Topic} holds the job's commits with replication factor {Replicas} and min.insync.replicas {InSync}: losing a broker's disk can lose them. 3 and 2 are safe")]
    public static partial void CommitsAreThin(this ILogger logger, string topic, int replicas, int inSync);

    [LoggerMessage(4022, LogLevel.Information, "Slot {Slot} of {Job} is ours: life {Life}, taken in {ElapsedMs:F0} ms, pointer {Pointer}")]
    public static partial void SlotTaken(this ILogger logger, int slot, string job, string life, double elapsedMs, string pointer);

    [LoggerMessage(4023, LogLevel.Debug, "Checkpoint {Checkpoint}: flush {FlushMs:F1} ms, offsets {OffsetsMs:F1} ms, commit {CommitMs:F1} ms")]
    public static partial void Committed(this ILogger logger, long checkpoint, double flushMs, double offsetsMs, double commitMs);

    [LoggerMessage(4024, LogLevel.Debug, "Producer {Id} is replaced: a call of its transaction took {ElapsedMs:F0} ms, so a duplicate of it may be under way")]
    public static partial void ProducerReplaced(this ILogger logger, string id, double elapsedMs);

    [LoggerMessage(4025, LogLevel.Debug, "Initialising {Id} did not finish within {TimeoutMs} ms: {Reason}. Again, with a new client")]
    public static partial void InitAgain(this ILogger logger, string id, int timeoutMs, string reason);

    [LoggerMessage(4026, LogLevel.Warning, "Commit of checkpoint {Checkpoint} got no answer yet: {Reason}. The same call is made again")]
    public static partial void CommitUnanswered(this ILogger logger, long checkpoint, string reason);

    [LoggerMessage(4027, LogLevel.Warning,
        "Group {Group} has no committed offset for {Count} of the {Partitions} partitions that the checkpoint holds: they expired, or somebody deleted them. The checkpoint's hold; the next commit brings the group's back")]
    public static partial void GroupOffsetsGone(this ILogger logger, string group, int count, int partitions);

    [LoggerMessage(4028, LogLevel.Warning,
        "SOMEBODY RESET GROUP {Group}: its committed offsets are not those of the checkpoint, {Differences}. The checkpoint's hold, and the next commit overwrites the group's. To begin elsewhere, stop the job and start it anew with --first-start")]
    public static partial void GroupOffsetsDiffer(this ILogger logger, string group, string differences);

    [LoggerMessage(4029, LogLevel.Warning, "Source offsets could not be added to the transaction yet: {Reason}. The same call is made again")]
    public static partial void OffsetsUnanswered(this ILogger logger, string reason);

    [LoggerMessage(4030, LogLevel.Warning, "Source {Source}: {Topic} is not served now: {Reason}. Reading goes on by itself")]
    public static partial void SourceWaits(this ILogger logger, string source, string topic, string reason);

    [LoggerMessage(4031, LogLevel.Information, "Source {Source}: {Topic} is served again")]
    public static partial void SourceGoesOn(this ILogger logger, string source, string topic);

    [LoggerMessage(4032, LogLevel.Information, "Source {Source}: group {Group} has no offset for {Count} of {Partitions} partitions of {Topic}; they start at the earliest record")]
    public static partial void GroupOffsetsMissing(this ILogger logger, string source, string group, int count, int partitions, string topic);

    [LoggerMessage(4034, LogLevel.Warning,
        "Kafka's client has not returned for {Seconds:F0} s from a call that may take two: the client is left behind, and a start with a new one takes its transactions from it")]
    public static partial void ClientLeftBehind(this ILogger logger, double seconds);

    [LoggerMessage(4035, LogLevel.Information, "Source {Source}: topic {Topic} has {Count} partitions that are new to the job ({Partitions}); they are read from their oldest record")]
    public static partial void PartitionsAdded(this ILogger logger, string source, string topic, int count, string partitions);

    [LoggerMessage(4036, LogLevel.Warning,
        "Source {Source}: what a restart would read next of {Split} is deleted {Forecast}, which is less than {Limit}: a checkpoint is taken at once. If this comes often, shorten CheckpointInterval, or let the topic keep more")]
    public static partial void SlackUrgent(this ILogger logger, string source, string split, string forecast, TimeSpan limit);

    [LoggerMessage(4037, LogLevel.Warning,
        "Source {Source}: WHAT A RESTART WOULD READ NEXT OF {Split} IS DELETED {Forecast}, which is less than {Limit}: the job's health is degraded until its checkpoints have come further. Let it read faster, or raise retention.ms or retention.bytes of the topic now; do not stop the job meanwhile")]
    public static partial void SlackDegraded(this ILogger logger, string source, string split, string forecast, TimeSpan limit);

    [LoggerMessage(4038, LogLevel.Information, "Source {Source}: what a restart would read next of {Topic} is kept for longer than {Limit} again")]
    public static partial void SlackFine(this ILogger logger, string source, string topic, TimeSpan limit);

    [LoggerMessage(4039, LogLevel.Warning, "Source {Source}: how long {Topic} keeps records can't be asked: {Reason}. Only moves of its start warn of a loss; a client that may describe the topic's settings knows more")]
    public static partial void RetentionUnknown(this ILogger logger, string source, string topic, string reason);

    [LoggerMessage(4045, LogLevel.Warning,
        "Source {Source}: WHAT IS NOT READ YET OF {Split} IS DELETED {Forecast}, which is less than {Limit}, and no checkpoint helps against that. Let the job read faster, or raise retention.ms or retention.bytes of the topic now")]
    public static partial void ReadingInNeed(this ILogger logger, string source, string split, string forecast, TimeSpan limit);

    [LoggerMessage(4046, LogLevel.Information, "Source {Source}: what is not read yet of {Topic} is kept for longer than {Limit} again")]
    public static partial void ReadingFine(this ILogger logger, string source, string topic, TimeSpan limit);

    [LoggerMessage(4044, LogLevel.Information, "How long brokers keep a group's offsets can't be asked: {Reason} They are committed once an hour at least, enough unless {Setting} is below 120")]
    public static partial void OffsetsRetentionUnknown(this ILogger logger, string setting, string reason);

    [LoggerMessage(4040, LogLevel.Warning,
        "Source {Source}: record {Offset} of {Partition} {Whither}, as it can't be decoded: {Reason} Its value is {Value}. {Count} so far in this subtask; the 10th, 100th and so on are said, too")]
    public static partial void RecordRefused(this ILogger logger, string source, long offset, string partition, string whither, string value, string reason, long count);

    [LoggerMessage(4041, LogLevel.Error,
        "Source {Source}: {Count} RECORDS OF {Split} ARE LOST: the next to read was {Position}, the log has {Start} to {End} now. Reading goes on at {To}, as OnDataLoss={Policy} says")]
    public static partial void RecordsLost(this ILogger logger, string source, long count, string split, long position, long start, long end, long to, DataLoss policy);

    [LoggerMessage(4042, LogLevel.Error,
        "Source {Source}: THE LOG OF {Split} LOST ITS NEWEST RECORDS: the next to read was {Position}, but it ends at {End}. What was read of it stays in the output; reading goes on at the end, as OnDataLoss says")]
    public static partial void LogShortened(this ILogger logger, string source, string split, long position, long end);

    [LoggerMessage(4043, LogLevel.Error,
        "Source {Source}: TOPIC {Topic} IS NOT THE ONE THAT WAS READ: its id was {Was} and is {Now} now. How many records are lost with the old one nobody knows; reading goes on in the new one, as OnDataLoss={Policy} says")]
    public static partial void TopicReplaced(this ILogger logger, string source, string topic, string was, string now, DataLoss policy);
}
