using Weir.Runtime;

namespace Weir.Connectors.Kafka.Retention;

/// <summary>Below how much time a source is in need. Pure.</summary>
/// <param name="Urgent">Below this, a checkpoint is taken at once.</param>
/// <param name="Degraded">Below this, the job's health is degraded; not more than the other.</param>
internal sealed record SlackLimits(TimeSpan Urgent, TimeSpan Degraded)
{
    private static readonly TimeSpan UrgentMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan DegradedMax = TimeSpan.FromMinutes(30);

    /// <summary>A level is left only well above its limit, so that what stands at it does not change at every look.</summary>
    private const double LeavesAt = 1.1;

    /// <summary>How far it is worth to look: behind it every level has been left.</summary>
    public TimeSpan Horizon => Urgent * 2;

    /// <summary>What the operator set, and for the rest a share of what the topic keeps.</summary>
    /// <param name="options">The source's.</param>
    /// <param name="retention">How long the topic keeps a record; null where age deletes none.</param>
    public static SlackLimits Of(KafkaSourceOptions options, TimeSpan? retention)
    {
        var kept = retention ?? TimeSpan.MaxValue;
        var urgent = options.UrgentSlack ?? Greater(Smaller(UrgentMax, kept / 4), options.DegradedSlack ?? TimeSpan.Zero);
        return new SlackLimits(urgent, options.DegradedSlack ?? Smaller(Smaller(DegradedMax, kept / 8), urgent / 2));
    }

    /// <summary>The level of a source.</summary>
    /// <param name="was">Its level so far.</param>
    /// <param name="left">What it has left; null where no end is in sight.</param>
    public SlackLevel Next(SlackLevel was, TimeSpan? left) =>
        left < Limit(Degraded, was >= SlackLevel.Degraded) ? SlackLevel.Degraded
        : left < Limit(Urgent, was >= SlackLevel.Urgent) ? SlackLevel.Urgent
        : SlackLevel.Fine;

    private static TimeSpan Limit(TimeSpan limit, bool isBelow) => isBelow ? limit * LeavesAt : limit;

    private static TimeSpan Smaller(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Greater(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
