using Weir.Runtime;

namespace Weir.Connectors.Kafka.Retention;

/// <summary>How one partition stood at the guard's last look.</summary>
/// <param name="Partition">Which.</param>
/// <param name="Restart">The time at least until what a restart would read next is deleted; at most the horizon.</param>
/// <param name="Reading">The same for what is read next now, which no checkpoint changes.</param>
/// <param name="IsReadingInNeed">Whether that is below the limit at which health is degraded.</param>
/// <param name="Level">The need of a restart.</param>
/// <param name="Limits">Below how much time it is in need.</param>
/// <param name="Unread">Records that are not read yet.</param>
/// <param name="AppendedPerSecond">Records it gets in a second.</param>
internal sealed record PartitionSlack(
    int Partition, TimeSpan Restart, TimeSpan Reading, bool IsReadingInNeed, SlackLevel Level, SlackLimits Limits, long Unread, double AppendedPerSecond);
