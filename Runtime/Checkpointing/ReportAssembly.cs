using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Makes the report of a checkpoint from what is known of it, at any time. Pure.</summary>
internal static class ReportAssembly
{
    private const string Aligned = "aligned";
    private const string Unaligned = "unaligned";

    /// <summary>The report of a checkpoint that has ended.</summary>
    /// <param name="pending">The checkpoint.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="verdict">What it is said to have ended by.</param>
    public static CheckpointReport Whole(PendingCheckpoint pending, CheckpointEnd end, string verdict)
    {
        var parts = Parts(pending);
        return new CheckpointReport(
            pending.Checkpoint.Id,
            pending.Checkpoint.Mode,
            pending.Age,
            pending.LastBarrierAfter,
            parts.Subtasks.Sum(subtask => subtask.StateBytes),
            parts.Edges.Sum(edge => edge.InFlightBytes),
            parts.Edges.Sum(edge => edge.InFlightRecords),
            end == CheckpointEnd.Completed ? pending.Checkpoint.Files.Count + 1 : 0,
            verdict,
            pending.TurnedAfter,
            parts.Edges.Sum(edge => edge.ReferencedBytes))
        {
            End = end,
            TriggeredAt = pending.TriggeredAt,
            Subtasks = parts.Subtasks,
            Edges = parts.Edges,
        };
    }

    /// <summary>What its subtasks and edges did until now.</summary>
    public static ReportMetadata Parts(PendingCheckpoint pending)
    {
        var inFlight = pending.Snapshots.SelectMany(snapshot => snapshot.InFlight).ToLookup(stored => stored.Channel.Edge);
        return new ReportMetadata
        {
            Verdict = pending.Verdict,
            TurnedAfter = pending.TurnedAfter,
            Subtasks = [.. pending.Subtasks.Select(subtask => Subtask(pending, subtask))],
            Edges = [.. pending.Plan.Edges.Select(edge => Edge(pending, edge, [.. inFlight[edge.Id]]))],
        };
    }

    private static SubtaskReport Subtask(PendingCheckpoint pending, Subtask subtask)
    {
        // The later step first: a writer may note one between two looks.
        var acknowledged = After(SubtaskStep.Acknowledged);
        var (inFlightWritten, stateWritten) = (After(SubtaskStep.InFlightWritten), After(SubtaskStep.StateWritten));
        var complete = After(SubtaskStep.BarriersComplete);
        var (taken, began) = (After(SubtaskStep.SnapshotTaken), After(SubtaskStep.SnapshotBegan));
        var seen = After(SubtaskStep.BarrierSeen);
        var snapshot = pending.SnapshotOf(subtask);
        var segments = snapshot?.InFlight.SelectMany(channel => channel.Segments).ToList() ?? [];
        return new SubtaskReport
        {
            Task = pending.Plan.Tasks[subtask.Id.Task].Name,
            Index = subtask.Id.Index,
            Mode = pending.Checkpoint.TimesOf(subtask).Mode is { } mode ? NameOf(mode) : null,
            Finished = snapshot is { Finished: true },
            StartDelay = seen,
            Alignment = complete - seen,
            ReadyAfter = After(SubtaskStep.Ready),
            SwitchedAfter = subtask.HasTransactionalSink ? began : null,
            SnapshotAfter = began,
            Sync = taken - began,
            StateWrite = stateWritten - taken,
            InFlightWrite = inFlightWritten - complete,
            AcknowledgedAfter = acknowledged,
            ProcessedBytes = pending.Checkpoint.TimesOf(subtask).ProcessedBytes,
            StateBytes = snapshot?.State.Bytes ?? 0,
            InFlightRecords = segments.Sum(segment => (long)segment.Records),
            InFlightBytes = BytesOf(segments, referenced: false),
            ReferencedBytes = BytesOf(segments, referenced: true),
        };

        TimeSpan? After(SubtaskStep step) => pending.After(subtask, step);
    }

    private static EdgeReport Edge(PendingCheckpoint pending, EdgePlan edge, IReadOnlyList<StoredChannel> stored)
    {
        bool overtook = !edge.StaysAligned && HasOvertaken(pending, edge);
        var segments = stored.SelectMany(channel => channel.Segments).ToList();
        return new EdgeReport
        {
            EdgeId = edge.Id,
            Kind = edge.Kind.ToString(),
            Mode = overtook ? Unaligned : Aligned,
            IsLate = edge.From.IsLate,
            TurnedAfter = overtook ? pending.TurnedAfter : null,
            Channels = edge.Kind == EdgeKind.Forward ? edge.From.Parallelism : edge.From.Parallelism * edge.To.Parallelism,
            ChannelsInFlight = stored.Select(channel => channel.Channel).Distinct().Count(),
            InFlightRecords = segments.Sum(segment => (long)segment.Records),
            InFlightBytes = BytesOf(segments, referenced: false),
            ReferencedBytes = BytesOf(segments, referenced: true),
        };
    }

    /// <summary>Whether a consumer of an edge met its barriers so; where none has yet, whether it would.</summary>
    private static bool HasOvertaken(PendingCheckpoint pending, EdgePlan edge)
    {
        var modes = pending.Subtasks.Where(subtask => subtask.Id.Task == edge.To.Index).Select(subtask => pending.Checkpoint.TimesOf(subtask).Mode).OfType<CheckpointMode>().ToList();
        return modes.Count == 0 ? pending.Checkpoint.Mode == CheckpointMode.Unaligned : modes.Contains(CheckpointMode.Unaligned);
    }

    /// <summary>Bytes that were written, or those that stay where they were.</summary>
    private static long BytesOf(IReadOnlyList<StoredSegment> segments, bool referenced) =>
        segments.Where(segment => CheckpointPaths.ReferencedFolder(segment.Handle.File) is not null == referenced).Sum(segment => (long)segment.Bytes);

    private static string NameOf(CheckpointMode mode) => mode == CheckpointMode.Unaligned ? Unaligned : Aligned;
}
