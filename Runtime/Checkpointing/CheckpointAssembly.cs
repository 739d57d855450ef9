using Weir.Runtime.Graph;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Puts the parts of all subtasks together: metadata and positions. Pure.</summary>
internal static class CheckpointAssembly
{
    public static CheckpointMetadata Metadata(PendingCheckpoint pending, ExecutionPlan plan, CoordinatorParts parts, CheckpointOrigin origin) => new()
    {
        Job = parts.Settings.Name,
        Slot = parts.Slot,
        CheckpointId = pending.Checkpoint.Id,
        LifeId = parts.LifeId,
        Mode = pending.Checkpoint.Mode == CheckpointMode.Unaligned ? "unaligned" : "aligned",
        TriggeredAt = pending.TriggeredAt,
        CompletedAt = parts.Executor.Time.GetUtcNow(),
        ClusterId = origin.ClusterId,
        Topics = origin.Logs,
        MaxParallelism = parts.Settings.MaxParallelism,
        Operators = [.. pending.Snapshots.GroupBy(snapshot => snapshot.Subtask.Id.Task).OrderBy(task => task.Key).SelectMany(task => Operators([.. task]))],
        Edges = [.. pending.Snapshots.SelectMany(snapshot => snapshot.InFlight).GroupBy(channel => channel.Channel.Edge).OrderBy(edge => edge.Key, StringComparer.Ordinal).Select(edge => Edge(edge, plan))],
        References = References(pending),
        Report = ReportAssembly.Parts(pending),
    };

    /// <summary>Where every source stands, by its operator id.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> Positions(CheckpointMetadata metadata) =>
        metadata.Operators.SelectMany(one => one.Subtasks).SelectMany(subtask => subtask.Splits)
            .GroupBy(split => split.Source)
            .ToDictionary(
                source => source.Key,
                source => (IReadOnlyList<SplitPosition>)[.. source.Select(split => new SplitPosition(split.Split, split.Position, split.StopAt, split.StopRule))]);

    private static IEnumerable<OperatorMetadata> Operators(IReadOnlyList<SubtaskSnapshot> task)
    {
        var subtasks = task.OrderBy(snapshot => snapshot.Subtask.Id.Index).ToList();
        string head = subtasks[0].Subtask.Source ?? "";
        List<string> members = [.. subtasks[0].Subtask.Operators.Select(member => member.Id).Where(id => id != head)];
        if (head.Length > 0)
        {
            members.Insert(0, head);
        }
        return members.Select(Operator);

        OperatorMetadata Operator(string id) => new()
        {
            Id = id,
            Parallelism = subtasks.Count,
            Subtasks =
            [
                .. subtasks.Select(snapshot => new SubtaskMetadata
                {
                    Index = snapshot.Subtask.Id.Index,
                    Finished = snapshot.Finished,
                    Splits = id != head ? [] : [.. snapshot.Positions.Select(position => new SplitMetadata { Source = id, Split = position.Split, Position = position.Position, StopAt = position.StopAt, StopRule = position.StopRule })],
                    State = snapshot.State.Keyed.GetValueOrDefault(id, []),
                    OperatorState = snapshot.State.Operator.GetValueOrDefault(id, []),
                    Watermark = id == members[^1] ? snapshot.Watermarks.HandedOn : null,
                    ReceivedWatermarks = id == members[0] ? snapshot.Watermarks.Received : null,
                }),
            ],
        };
    }

    /// <summary>The folders that the checkpoint is not whole without: all of them, since a segment that is referenced lies where it is said to lie, never one reference further on.</summary>
    private static string[] References(PendingCheckpoint pending) =>
    [
        .. pending.Snapshots.SelectMany(snapshot => snapshot.InFlight).SelectMany(channel => channel.Segments)
            .Select(segment => CheckpointPaths.ReferencedFolder(segment.Handle.File)).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private static EdgeMetadata Edge(IGrouping<string, StoredChannel> edge, ExecutionPlan plan) => new()
    {
        EdgeId = edge.Key,
        Kind = plan.Edges.First(planned => planned.Id == edge.Key).Kind.ToString(),
        RecordCodec = edge.First().Codec,
        Channels =
        [
            .. edge.OrderBy(channel => channel.Layer).ThenBy(channel => channel.Channel.From).ThenBy(channel => channel.Channel.To).Select(channel => new ChannelMetadata
            {
                From = channel.Channel.From,
                To = channel.Channel.To,
                Layer = channel.Layer,
                Segments = [.. channel.Segments.Select(segment => new InFlightSegment { Handle = segment.Handle, Records = segment.Records, Bytes = segment.Bytes })],
            }),
        ],
    };
}
