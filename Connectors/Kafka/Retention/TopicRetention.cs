using System.Globalization;

namespace Weir.Connectors.Kafka.Retention;

/// <summary>What makes a topic delete records that nobody has read. Pure.</summary>
/// <param name="Age">How long it keeps a record; null where age deletes none.</param>
/// <param name="Size">How much each partition keeps; null where size deletes none.</param>
internal sealed record TopicRetention(TimeSpan? Age, SizeBound? Size)
{
    /// <summary>What is kept longer is kept for ever: no job will see its end.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(36_500);

    /// <summary>For a topic that deletes nothing, as far as is known.</summary>
    public static TopicRetention None { get; } = new(null, null);

    /// <summary>Reads it from a topic's settings.</summary>
    public static TopicRetention Of(IReadOnlyDictionary<string, string> settings) =>
        settings.GetValueOrDefault("cleanup.policy", "delete").Contains("delete", StringComparison.Ordinal)
            ? new TopicRetention(
                Number(settings, "retention.ms") is { } ms && ms < AgeMax.TotalMilliseconds ? TimeSpan.FromMilliseconds(ms) : null,
                Number(settings, "retention.bytes") is { } bytes ? new SizeBound(bytes, Number(settings, "segment.bytes") ?? 0) : null)
            : None;

    private static long? Number(IReadOnlyDictionary<string, string> settings, string name) =>
        long.TryParse(settings.GetValueOrDefault(name), CultureInfo.InvariantCulture, out long number) && number >= 0 ? number : null;
}
