using Confluent.Kafka.Admin;
using Weir.Connectors.Kafka.Aside;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Where a source's partitions of one topic begin on a first start, and whether what a restart needs is still there; always as numbers.</summary>
/// <param name="source">The source's name.</param>
/// <param name="topic">The topic.</param>
/// <param name="named">The partitions that are to be read; null for all there are.</param>
/// <param name="options">Where to begin, and where to end.</param>
/// <param name="clients">Asks the brokers.</param>
internal sealed class StartOffsets(string source, string topic, PartitionSet? named, KafkaSourceOptions options, KafkaClients clients)
{
    private const int GapsShown = 5;

    private readonly StopOffsets _stops = new(source, topic, options);

    /// <summary>Resolves the start mode for every partition that is to be read.</summary>
    public async Task<(FoundTopic Topic, IReadOnlyList<SplitPosition> Splits)> ResolveAsync()
    {
        var admin = clients.Admin();
        // The topic's id is asked for before any offset: if it is made again in between, the next start sees it.
        var found = await FindAsync(admin);
        int[] partitions = Read(found);
        var starts = options.Start switch
        {
            SourceStart.Earliest => await admin.OffsetsAsync(topic, partitions, OffsetSpec.Earliest()),
            SourceStart.Latest => await admin.OffsetsAsync(topic, partitions, OffsetSpec.Latest()),
            SourceStart.Timestamp => await AtTimeAsync(admin, partitions),
            SourceStart.Group => await AtGroupAsync(admin, partitions),
            _ => new NamedOffsets(source, nameof(options.StartOffsets), options.StartOffsets).Of(topic, partitions),
        };
        return (found, await _stops.SetAsync(admin, [.. partitions.Select(partition => new SplitPosition(SplitName.Of(topic, partition), starts[partition]))]));
    }

    /// <summary>
    /// Checks that every position can be read: in the same topic, not before the log's start, not behind its end; and gives each the stop that holds.
    /// Partitions that came since begin at their oldest record, whatever the start mode: nothing in them is older than the job. Those that are not to be read any more are left out.
    /// </summary>
    /// <param name="positions">Where the source stood in the topic.</param>
    /// <param name="topicId">The id of the topic that it read; null where that was not stored.</param>
    public async Task<(FoundTopic Topic, IReadOnlyList<SplitPosition> Splits)> ResumeAsync(IReadOnlyList<SplitPosition> positions, string? topicId)
    {
        var admin = clients.Admin();
        var found = await FindAsync(admin);
        if (topicId is not null && topicId != found.Id)
        {
            if (options.OnDataLoss == DataLoss.Fail)
            {
                throw Replaced(source, topic, topicId, found.Id);
            }
            clients.Logger.TopicReplaced(source, topic, topicId, found.Id, options.OnDataLoss);
            return (found, await BeginAnewAsync(admin, found));
        }
        var kept = positions.Where(position => named?.Contains(SplitName.Parse(position.Split).Partition) ?? true).ToList();
        var wanted = kept.Select(position => (SplitName.Parse(position.Split).Partition, position.Position)).ToList();
        foreach (var (partition, _) in wanted)
        {
            if (partition >= found.Partitions)
            {
                throw new JobException(JobFailure.DataLoss,
                    $"Source {source}: partition {partition} of topic {topic} is gone: the topic has {found.Partitions} partitions now. It was deleted and made again.");
            }
        }
        int[] added = [.. Read(found).Except(wanted.Select(place => place.Partition))];
        var (starts, ends) = await admin.BoundsAsync(topic, [.. wanted.Select(place => place.Partition), .. added]);
        // Elsewhere the readers come upon it, and cross it: so what is lost is said in the stream, once.
        if (options.OnDataLoss == DataLoss.Fail)
        {
            Refuse([.. wanted.Select(place => new Gap(topic, place.Partition, place.Position, starts[place.Partition], ends[place.Partition])).Where(gap => gap.IsOpen)]);
        }
        if (added.Length > 0)
        {
            clients.Logger.PartitionsAdded(source, topic, added.Length, string.Join(", ", added));
        }
        return (found, await _stops.SetAsync(admin, [.. kept, .. added.Select(partition => new SplitPosition(SplitName.Of(topic, partition), starts[partition]))]));
    }

    private void Refuse(IReadOnlyList<Gap> gaps)
    {
        if (gaps.FirstOrDefault(gap => gap.Position > gap.End) is { } shortened)
        {
            throw new JobException(JobFailure.DataLoss,
                $"Source {source}: the next record to read of {shortened.Split} is {shortened.Position:N0}, but the log ends at {shortened.End:N0}. "
                + "The topic was deleted and made again, or lost its newest records. OnDataLoss of the source says that it is to go on at the end instead.");
        }
        if (gaps.Count > 0)
        {
            throw Lost(source, gaps);
        }
    }

    private async Task<IReadOnlyList<SplitPosition>> BeginAnewAsync(KafkaAdmin admin, FoundTopic found)
    {
        int[] partitions = Read(found);
        var starts = await admin.OffsetsAsync(topic, partitions, options.OnDataLoss == DataLoss.Latest ? OffsetSpec.Latest() : OffsetSpec.Earliest());
        return await _stops.SetAsync(admin, [.. partitions.Select(partition => new SplitPosition(SplitName.Of(topic, partition), starts[partition]))]);
    }

    /// <summary>The failure that says that the topic is another one.</summary>
    public static JobException Replaced(string source, string topic, string was, string now) => new(JobFailure.DataLoss,
        $"Source {source}: topic {topic} is not the one that was read: its id was {was} and is {now} now. It was deleted and made again, and offsets of one mean nothing in the other. "
        + "Start anew with --first-start, start the job under a new name, or set OnDataLoss of the source, which then goes on in the new topic.");

    /// <summary>The failure that says how many records are gone, of which partitions.</summary>
    public static JobException Lost(string source, params IReadOnlyList<Gap> gaps)
    {
        var each = gaps.Take(GapsShown).Select(gap => $"{gap.Start - gap.Position:N0} records of {gap.Split} are gone: the next to read was {gap.Position:N0}, the log now starts at {gap.Start:N0}");
        string more = gaps.Count > GapsShown ? $"; and so it is with {gaps.Count - GapsShown} more partitions" : "";
        return new JobException(JobFailure.DataLoss,
            $"Source {source}: {string.Join("; ", each)}{more}. The topic's retention deleted them before they were read. OnDataLoss of the source says where it is to go on instead.");
    }

    private async Task<FoundTopic> FindAsync(KafkaAdmin admin) =>
        await admin.FindAsync(topic) ?? throw new JobException(JobFailure.Configuration, $"Source {source}: there is no topic {topic}.");

    private int[] Read(FoundTopic found) => named is null || named.Highest < found.Partitions
        ? [.. Enumerable.Range(0, found.Partitions).Where(partition => named?.Contains(partition) ?? true)]
        : throw new JobException(JobFailure.Configuration, $"Source {source}: Partitions names {named.Highest} of topic {topic}, which has {found.Partitions} partitions, from 0 on: correct it.");

    private async Task<Dictionary<int, long>> AtTimeAsync(KafkaAdmin admin, int[] partitions)
    {
        var found = await admin.OffsetsAsync(topic, partitions, OffsetSpec.ForTimestamp(options.StartTimestamp!.Value.ToUnixTimeMilliseconds()));
        var ends = await admin.OffsetsAsync(topic, partitions, OffsetSpec.Latest());
        return partitions.ToDictionary(partition => partition, partition => found[partition] >= 0 ? found[partition] : ends[partition]);
    }

    private async Task<Dictionary<int, long>> AtGroupAsync(KafkaAdmin admin, int[] partitions)
    {
        string group = options.StartGroup ?? clients.Group;
        var starts = (await clients.GroupOffsetsAsync(group)).Where(place => place.Topic == topic).ToDictionary(place => place.Partition, place => place.Offset);
        int[] missing = [.. partitions.Where(partition => !starts.ContainsKey(partition))];
        if (missing.Length > 0)
        {
            clients.Logger.GroupOffsetsMissing(source, group, missing.Length, partitions.Length, topic);
            foreach (var (partition, offset) in await admin.OffsetsAsync(topic, missing, OffsetSpec.Earliest()))
            {
                starts[partition] = offset;
            }
        }
        return starts;
    }
}
