using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Weir.Connectors.Kafka.Retention;
using Weir.Connectors.Kafka.Sink;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>The instruments of the Kafka connectors, of all jobs of the process.</summary>
/// <remarks>Thread: any. All are read when somebody asks: counters show what was counted since the process started, whoever began to listen when.</remarks>
internal static class KafkaMetrics
{
    private static readonly Meter s_meter = new(WeirInstruments.MeterName);
    private static readonly ConcurrentDictionary<RetentionGuard, byte> s_guards = [];
    private static readonly ConcurrentDictionary<KafkaCheckpointCommit, byte> s_commits = [];
    private static readonly ConcurrentDictionary<(string Job, string Source, SlackLevel Level), long> s_slackChanges = [];
    private static readonly ConcurrentDictionary<(string Job, string Source, string Topic, int Partition), long> s_lost = [];
    private static readonly ConcurrentDictionary<(string Job, string Source, UndecodableRecord Policy), long> s_undecodable = [];
    private static readonly ConcurrentDictionary<(string Job, JobFailure Reason), long> s_sinkErrors = [];

    static KafkaMetrics()
    {
        s_meter.CreateObservableGauge(
            WeirInstruments.SourceLossHeadroom,
            () => Seen(static slack => slack.Restart.TotalSeconds),
            "s",
            "Time at least until what a restart would read next of a partition is deleted; at most as far as the guard looks ahead, twice UrgentSlack");
        s_meter.CreateObservableGauge(
            WeirInstruments.SourceReadingHeadroom,
            () => Seen(static slack => slack.Reading.TotalSeconds),
            "s",
            "Time at least until the oldest record of a partition that is not read yet is deleted; at most as far as the guard looks ahead");
        s_meter.CreateObservableGauge(WeirInstruments.SourceLag, () => Seen(static slack => slack.Unread), "{record}", "Records of a partition that are not read yet");
        s_meter.CreateObservableGauge(WeirInstruments.SourceAppendRate, () => Seen(static slack => slack.AppendedPerSecond), "{record}/s", "Records that a partition gets, over the guard's last looks");
        s_meter.CreateObservableCounter(
            WeirInstruments.SourceSlackChanges,
            static () => s_slackChanges.Select(static changes => new Measurement<long>(
                changes.Value, Job(changes.Key.Job), Source(changes.Key.Source), new(WeirInstruments.SlackLevel, changes.Key.Level.ToString()))),
            "{change}",
            "How often a source came into need, or out of it: the level it came to");
        s_meter.CreateObservableCounter(
            WeirInstruments.SourceRecordsLost,
            static () => s_lost.Select(static lost => new Measurement<long>(
                lost.Value, Job(lost.Key.Job), Source(lost.Key.Source), Topic(lost.Key.Topic), Partition(lost.Key.Partition))),
            "{record}",
            "Records that were passed over since they were gone before they were read, as OnDataLoss says; marks of transactions among them count, too");
        s_meter.CreateObservableCounter(
            WeirInstruments.SourceUndecodable,
            static () => s_undecodable.Select(static refused => new Measurement<long>(
                refused.Value, Job(refused.Key.Job), Source(refused.Key.Source), new(WeirInstruments.UndecodablePolicy, refused.Key.Policy.ToString()))),
            "{record}",
            "Records that the source's codec could not read, by what was done with them");
        s_meter.CreateObservableCounter(
            WeirInstruments.DeadLetterRecords,
            static () => s_undecodable.Where(static refused => refused.Key.Policy == UndecodableRecord.DeadLetter)
                .Select(static refused => new Measurement<long>(refused.Value, Job(refused.Key.Job), Source(refused.Key.Source))),
            "{record}",
            "Records that were sent to a dead-letter topic; those that a restart sent again count again");
        s_meter.CreateObservableGauge(
            WeirInstruments.SourceOffsetExpiryHeadroom,
            static () => from commit in s_commits.Keys let left = commit.OffsetsLeft where left is not null select new Measurement<double>(left.GetValueOrDefault().TotalSeconds, Job(commit.Job)),
            "s",
            "Time until brokers forget the offsets of the job's group, unless they are committed again before; a restart does not need them, who watches the group does");
        s_meter.CreateObservableCounter(
            WeirInstruments.SinkErrors,
            static () => s_sinkErrors.Select(static errors => new Measurement<long>(errors.Value, Job(errors.Key.Job), new(WeirInstruments.ErrorType, errors.Key.Reason.ToString()))),
            "{error}",
            "Producers that failed: a record was refused, or the client ended; the attempt ends with each");
        s_meter.CreateObservableGauge(
            WeirInstruments.SinkTransactionAge,
            static () => s_commits.Keys.Select(static commit => new Measurement<double>(commit.Transactions.OpenAge.TotalSeconds, Job(commit.Job))),
            "s",
            "Time since the first record of the Kafka transaction that is open; 0 while it has none");
    }

    /// <summary>Shows what a guard sees, until <see cref="Hide(RetentionGuard)"/>.</summary>
    public static void Show(RetentionGuard guard) => s_guards.TryAdd(guard, 0);

    public static void Hide(RetentionGuard guard) => s_guards.TryRemove(guard, out _);

    /// <summary>Shows how old an attempt's transactions are, until <see cref="Hide(KafkaCheckpointCommit)"/>.</summary>
    public static void Show(KafkaCheckpointCommit commit) => s_commits.TryAdd(commit, 0);

    public static void Hide(KafkaCheckpointCommit commit) => s_commits.TryRemove(commit, out _);

    public static void Changed(string job, string source, SlackLevel level) => Add(s_slackChanges, (job, source, level), 1);

    public static void Lost(string job, string source, LostRecords lost) => Add(s_lost, (job, source, lost.Topic, lost.Partition), lost.Count);

    public static void Undecodable(string job, string source, UndecodableRecord policy) => Add(s_undecodable, (job, source, policy), 1);

    public static void SinkFailed(string job, JobFailure reason) => Add(s_sinkErrors, (job, reason), 1);

    private static void Add<TKey>(ConcurrentDictionary<TKey, long> counts, TKey key, long count)
        where TKey : notnull =>
        counts.AddOrUpdate(key, static (_, more) => more, static (_, before, more) => before + more, count);

    private static IEnumerable<Measurement<T>> Seen<T>(Func<PartitionSlack, T> what)
        where T : struct =>
        from guard in s_guards.Keys
        from slack in guard.Slacks
        select new Measurement<T>(what(slack), Job(guard.Job), Source(guard.Source), Topic(guard.Topic), Partition(slack.Partition));

    private static KeyValuePair<string, object?> Job(string job) => new(WeirInstruments.Job, job);

    private static KeyValuePair<string, object?> Source(string source) => new(WeirInstruments.Source, source);

    private static KeyValuePair<string, object?> Topic(string topic) => new("messaging.destination.name", topic);

    private static KeyValuePair<string, object?> Partition(int partition) => new("messaging.destination.partition.id", partition.ToString(CultureInfo.InvariantCulture));
}
