using System.Globalization;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>The stable name of a partition in checkpoints: topic, a dash, the partition.</summary>
internal static class SplitName
{
    public static string Of(string topic, int partition) => string.Create(CultureInfo.InvariantCulture, $"{topic}-{partition}");

    /// <summary>The partition of a split of this topic.</summary>
    /// <exception cref="JobException">The name is not one of this topic's: the source reads another topic than when the checkpoint was taken.</exception>
    public static int Partition(string source, string topic, string split)
    {
        int dash = split.LastIndexOf('-');
        return dash == topic.Length && split.StartsWith(topic, StringComparison.Ordinal)
            && int.TryParse(split.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
            ? partition
            : throw new JobException(JobFailure.Configuration, $"Source {source} reads topic {topic}, but its checkpoint holds split {split} of another. Set the topic it had.");
    }
}
