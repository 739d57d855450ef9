using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Offsets that settings name by topic and partition, such as <c>orders-0</c>. Pure.</summary>
/// <param name="source">The source's name.</param>
/// <param name="setting">The setting that names them.</param>
/// <param name="offsets">What it says.</param>
internal sealed class NamedOffsets(string source, string setting, IReadOnlyDictionary<string, long> offsets)
{
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: a partition is not named.</exception>
    public Dictionary<int, long> Of(string topic, int[] partitions)
    {
        string[] missing = [.. partitions.Select(partition => SplitName.Of(topic, partition)).Where(split => !offsets.ContainsKey(split))];
        return missing.Length == 0
            ? partitions.ToDictionary(partition => partition, partition => offsets[SplitName.Of(topic, partition)])
            : throw new JobException(JobFailure.Configuration, $"Source {source}: {setting} names no offset for {string.Join(", ", missing)}: name one for every partition that is read.");
    }
}
