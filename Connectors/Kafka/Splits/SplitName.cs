using System.Globalization;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>The stable name of a partition in checkpoints: topic, a dash, the partition.</summary>
internal static class SplitName
{
    public static string Of(string topic, int partition) => string.Create(CultureInfo.InvariantCulture, $"{topic}-{partition}");

    /// <summary>The topic and the partition that a name stands for. Topics may have dashes: the last one counts.</summary>
    /// <exception cref="JobException">It is the name of no partition, so the checkpoint is of a source that read something else.</exception>
    public static (string Topic, int Partition) Parse(string split) =>
        split.LastIndexOf('-') is > 0 and var dash && int.TryParse(split.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
            ? (split[..dash], partition)
            : throw new JobException(JobFailure.Configuration, $"'{split}' names no partition of a topic: the checkpoint is of a source that read no Kafka. Give that source its id back, or start the job under a new name.");
}
