using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Weir.Connectors.Kafka.Retention;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>The instruments of the Kafka connectors, of all jobs of the process. Thread: any.</summary>
internal static class KafkaMetrics
{
    /// <summary>The meter of all of Weir.</summary>
    public const string MeterName = "Weir";

    private static readonly Meter s_meter = new(MeterName);
    private static readonly ConcurrentDictionary<RetentionGuard, byte> s_guards = [];
    private static readonly Counter<long> s_slackChanges = s_meter.CreateCounter<long>(
        "weir.source.slack.changes", "{change}", "How often a source came into need, or out of it: the level it came to");

    private static readonly Counter<long> s_lost = s_meter.CreateCounter<long>(
        "weir.source.records_lost", "{record}", "Records that were passed over since they were gone before they were read, as OnDataLoss says; marks of transactions among them count, too");

    private static readonly Counter<long> s_undecodable = s_meter.CreateCounter<long>(
        "weir.source.undecodable", "{record}", "Records that the source's codec could not read, by what was done with them");

    static KafkaMetrics()
    {
        s_meter.CreateObservableGauge(
            "weir.source.loss.headroom",
            () => Seen(static slack => slack.Restart.TotalSeconds),
            "s",
            "Time at least until what a restart would read next of a partition is deleted; at most as far as the guard looks ahead, twice UrgentSlack");
        s_meter.CreateObservableGauge(
            "weir.source.reading.headroom",
            () => Seen(static slack => slack.Reading.TotalSeconds),
            "s",
            "Time at least until the oldest record of a partition that is not read yet is deleted; at most as far as the guard looks ahead");
        s_meter.CreateObservableGauge("weir.source.lag", () => Seen(static slack => slack.Unread), "{record}", "Records of a partition that are not read yet");
        s_meter.CreateObservableGauge("weir.source.append.rate", () => Seen(static slack => slack.AppendedPerSecond), "{record}/s", "Records that a partition gets, over the guard's last looks");
    }

    /// <summary>Shows what a guard sees, until <see cref="Hide"/>.</summary>
    public static void Show(RetentionGuard guard) => s_guards.TryAdd(guard, 0);

    public static void Hide(RetentionGuard guard) => s_guards.TryRemove(guard, out _);

    public static void Changed(string job, string source, SlackLevel level) =>
        s_slackChanges.Add(1, new("weir.job", job), new("weir.source", source), new("weir.slack.level", level.ToString()));

    public static void Lost(string job, string source, LostRecords lost) => s_lost.Add(
        lost.Count,
        new("weir.job", job),
        new("weir.source", source),
        new("messaging.destination.name", lost.Topic),
        new("messaging.destination.partition.id", lost.Partition.ToString(CultureInfo.InvariantCulture)));

    public static void Undecodable(string job, string source, UndecodableRecord policy) =>
        s_undecodable.Add(1, new("weir.job", job), new("weir.source", source), new("weir.undecodable.policy", policy.ToString()));

    private static IEnumerable<Measurement<T>> Seen<T>(Func<PartitionSlack, T> what)
        where T : struct =>
        from guard in s_guards.Keys
        from slack in guard.Slacks
        select new Measurement<T>(
            what(slack),
            new("weir.job", guard.Job),
            new("weir.source", guard.Source),
            new("messaging.destination.name", guard.Topic),
            new("messaging.destination.partition.id", slack.Partition.ToString(CultureInfo.InvariantCulture)));
}
