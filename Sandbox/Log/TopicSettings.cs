using System.Globalization;

namespace Weir.Sandbox.Log;

/// <summary>The settings of a topic: those that have an effect here, and those that are only kept, so that whoever reads them finds what he set.</summary>
internal sealed class TopicSettings
{
    private const string CleanupPolicy = "cleanup.policy";
    private const string Retention = "retention.ms";
    private const string RetentionSize = "retention.bytes";
    private const string MessageSize = "max.message.bytes";
    private const string TimestampType = "message.timestamp.type";

    // Name, default. Kafka's own, but for retention.bytes: the data lies in memory.
    private static readonly (string Name, string Default)[] Known =
    [
        (CleanupPolicy, "delete"), (Retention, "604800000"), (RetentionSize, "268435456"), (MessageSize, "1048588"), (TimestampType, "CreateTime"),
        ("min.insync.replicas", "1"), ("unclean.leader.election.enable", "false"), ("compression.type", "producer"), ("segment.bytes", "1073741824"),
        ("segment.ms", "604800000"), ("delete.retention.ms", "86400000"), ("min.cleanable.dirty.ratio", "0.5"), ("max.compaction.lag.ms", "9223372036854775807"),
        ("min.compaction.lag.ms", "0"), ("file.delete.delay.ms", "60000"), ("flush.messages", "9223372036854775807"), ("flush.ms", "9223372036854775807"),
    ];

    private readonly Dictionary<string, string> _set;

    private TopicSettings(Dictionary<string, string> set)
    {
        _set = set;
        IsCompacted = this[CleanupPolicy].Contains("compact", StringComparison.Ordinal);
        IsAppendTime = this[TimestampType] == "LogAppendTime";
        RetentionMs = Number(Retention);
        RetentionBytes = Number(RetentionSize);
        MessageBytesMax = (int)Math.Min(int.MaxValue, Number(MessageSize));
    }

    public static TopicSettings Default { get; } = new([]);

    public bool IsCompacted { get; }

    public bool IsAppendTime { get; }

    /// <summary>How long batches are kept, or -1.</summary>
    public long RetentionMs { get; }

    /// <summary>How many bytes are kept, or -1.</summary>
    public long RetentionBytes { get; }

    public int MessageBytesMax { get; }

    public string this[string name] => _set.TryGetValue(name, out string? value) ? value : Known.First(known => known.Name == name).Default;

    /// <summary>Names and values, and which of them were set.</summary>
    public IReadOnlyList<(string Name, string Value, bool IsSet)> All => [.. Known.Select(known => (known.Name, this[known.Name], _set.ContainsKey(known.Name)))];

    /// <summary>Takes settings as they come with a new topic.</summary>
    /// <param name="set">By name.</param>
    /// <param name="fault">What is wrong with them.</param>
    /// <returns>Null where one is unknown, or its value no number where one is needed.</returns>
    public static TopicSettings? TryMake(Dictionary<string, string> set, out string fault)
    {
        fault = "";
        foreach (var (name, value) in set)
        {
            if (!Known.Any(known => known.Name == name))
            {
                fault = $"Unknown topic config name: {name}";
                return null;
            }
            if (name is Retention or RetentionSize or MessageSize && !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                fault = $"Invalid value {value} for configuration {name}: not a number";
                return null;
            }
        }
        return new TopicSettings(set);
    }

    private long Number(string name) => long.Parse(this[name], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
