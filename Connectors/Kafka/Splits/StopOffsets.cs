using System.Globalization;
using Confluent.Kafka.Admin;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Where reading of a topic's partitions ends; always as numbers, which hold from then on.</summary>
/// <remarks>
/// A stop is resolved once and goes with the position, into checkpoints, too: so a restart ends where the first start would have. <see cref="Rule"/> goes with it, and where the settings say
/// another one by now, it is resolved anew. Offsets need none of that: the settings hold them.
/// </remarks>
/// <param name="source">The source's name.</param>
/// <param name="topic">The topic.</param>
/// <param name="options">Where to end.</param>
internal sealed class StopOffsets(string source, string topic, KafkaSourceOptions options)
{
    /// <summary>What stops that are stored were resolved by; null for none.</summary>
    private string? Rule { get; } = options.End switch
    {
        SourceEnd.Current => "current",
        SourceEnd.Timestamp => string.Create(CultureInfo.InvariantCulture, $"timestamp {options.EndTimestamp!.Value.ToUnixTimeMilliseconds()}"),
        _ => null,
    };

    /// <summary>Gives each position its stop: the one that it has, if that was resolved by the same rule; else one that is resolved now. None lies before its position.</summary>
    public async Task<IReadOnlyList<SplitPosition>> SetAsync(KafkaAdmin admin, IReadOnlyList<SplitPosition> positions)
    {
        int[] open = [.. positions.Where(position => !Holds(position)).Select(position => SplitName.Parse(position.Split).Partition)];
        var stops = open.Length == 0 ? [] : await ResolveAsync(admin, open);
        return
        [
            .. positions.Select(position => Holds(position) ? position : position with
            {
                StopAt = stops.TryGetValue(SplitName.Parse(position.Split).Partition, out long stop) ? Math.Max(position.Position, stop) : null,
                StopRule = Rule,
            }),
        ];
    }

    private bool Holds(SplitPosition position) => position.StopAt is not null && position.StopRule is not null && position.StopRule == Rule;

    private async Task<Dictionary<int, long>> ResolveAsync(KafkaAdmin admin, int[] partitions)
    {
        switch (options.End)
        {
            case SourceEnd.Current:
                return await admin.OffsetsAsync(topic, partitions, OffsetSpec.Latest());
            case SourceEnd.Timestamp:
                // The ends are asked for first: a record that comes in between is then found by its time, or lies behind the end.
                var ends = await admin.OffsetsAsync(topic, partitions, OffsetSpec.Latest());
                var found = await admin.OffsetsAsync(topic, partitions, OffsetSpec.ForTimestamp(options.EndTimestamp!.Value.ToUnixTimeMilliseconds()));
                return partitions.ToDictionary(partition => partition, partition => found[partition] >= 0 ? found[partition] : ends[partition]);
            case SourceEnd.Offsets:
                return new NamedOffsets(source, nameof(options.EndOffsets), options.EndOffsets).Of(topic, partitions);
            default:
                return [];
        }
    }
}
