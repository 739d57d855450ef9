using System.Globalization;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;

namespace Weir.Runtime.Checkpointing;

/// <summary>Says in one sentence which subtask a checkpoint waited for last, or still waits for, in which phase, and why, as far as that is known. Pure.</summary>
internal sealed class CheckpointVerdict
{
    /// <summary>What took less needs no reason.</summary>
    private static readonly TimeSpan WorthAReason = TimeSpan.FromMilliseconds(1);

    private readonly PendingCheckpoint _pending;

    private CheckpointVerdict(PendingCheckpoint pending) => _pending = pending;

    public static string Of(PendingCheckpoint pending)
    {
        string progress = new CheckpointVerdict(pending).Progress();
        return pending.TurnedAfter is { } turned ? $"turned unaligned after {Ms(turned)}; {progress}" : progress;
    }

    private string Progress()
    {
        var waiting = _pending.WithoutBarriers;
        if (waiting.Count > 0)
        {
            // A sink that is ready waits for the others. Of the rest, what is before the first one has done its part.
            return waiting.FirstOrDefault(subtask => At(subtask, SubtaskStep.Ready) is null) is { } first
                ? $"{first.Name} still waits for barriers{WhyWaits(first)}, {waiting.Count} of {_pending.Subtasks.Count} subtasks do"
                : $"all sinks are ready and wait for the switch, {waiting.Count} of {_pending.Subtasks.Count} subtasks do";
        }
        if (_pending.NotAcknowledged is [var writing, ..] all)
        {
            return $"all barriers had come after {Ms(_pending.LastBarrierAfter)}; {writing.Name} has not written {Unwritten(writing)}, {all.Count} of {_pending.Subtasks.Count} subtasks have not written their part";
        }
        if (_pending.LastBarrier is not { } barrier || _pending.LastWritten is not { } written)
        {
            return "nothing took part";
        }
        string committed = _pending.CommittedAfter is { } after && after - written.After > written.After ? $"; files and commit took until {Ms(after)}" : "";
        return $"{barrier.Subtask.Name} had its barriers last, after {Ms(barrier.After)}{WhyLate(barrier.Subtask)}; {written.Subtask.Name} had written last, after {Ms(written.After)}{WhatItWrote(written.Subtask)}{committed}";
    }

    /// <summary>All producers of this subtask have sent theirs.</summary>
    private string WhyWaits(Subtask subtask) =>
        BroadcastInto(subtask) is { } edge ? $" behind broadcast edge '{edge.Id}', on which they do not overtake"
        : _pending.Checkpoint.Mode == CheckpointMode.Aligned && !subtask.IsSource ? " and reads what lies before them"
        : subtask.IsInStep ? " and is in one record"
        : "";

    private string Unwritten(Subtask subtask)
    {
        if (At(subtask, SubtaskStep.StateWritten) is not null)
        {
            return "its records in flight";
        }
        return subtask.Operators.Any(member => member is ISinkOperator { IsTransactional: false }) ? "its state, or its sink waits for what it wrote" : "its state";
    }

    /// <summary>What the larger part of the time went by with until a subtask had its barriers; of one that turned, the time since then.</summary>
    private string WhyLate(Subtask subtask)
    {
        bool aligned = _pending.Checkpoint.TimesOf(subtask).Mode == CheckpointMode.Aligned;
        var turned = aligned ? default : _pending.TurnedAfter ?? default;
        var complete = Since(turned, subtask, SubtaskStep.BarriersComplete);
        var half = complete / 2;
        if (complete < WorthAReason)
        {
            return "";
        }
        if (At(subtask, SubtaskStep.Ready) is { } ready && At(subtask, SubtaskStep.SnapshotBegan) - ready > half)
        {
            return _pending.LastReady is { } other && other != subtask ? $", since the switch waited for {other.Name}" : ", since the switch waited for the commit before";
        }
        if (Producers(subtask).MaxBy(producer => Since(turned, producer, SubtaskStep.SnapshotBegan)) is { } last && Since(turned, last, SubtaskStep.SnapshotBegan) > half)
        {
            return $", sent last by {last.Name}{WhyLate(last)}";
        }
        return BroadcastInto(subtask) is { } edge ? $", behind broadcast edge '{edge.Id}'"
            : aligned && !subtask.IsSource ? ", having read what lay before them"
            : Since(turned, subtask, SubtaskStep.BarrierSeen) > half ? ", busy with a record or without a worker before"
            : "";
    }

    private string WhatItWrote(Subtask subtask)
    {
        if (At(subtask, SubtaskStep.StateWritten) is not { } state || At(subtask, SubtaskStep.InFlightWritten) is not { } inFlight)
        {
            return "";
        }
        var took = state >= inFlight ? state - At(subtask, SubtaskStep.SnapshotTaken) : inFlight - At(subtask, SubtaskStep.BarriersComplete);
        return took >= WorthAReason ? $", its {(state >= inFlight ? "state" : "records in flight")} in {Ms(took.Value)}" : "";
    }

    private TimeSpan? At(Subtask subtask, SubtaskStep step) => _pending.After(subtask, step);

    /// <summary>How long after an age of the checkpoint a step came; zero where it came before, or not.</summary>
    private TimeSpan Since(TimeSpan age, Subtask subtask, SubtaskStep step) => At(subtask, step) is { } at && at > age ? at - age : TimeSpan.Zero;

    private EdgePlan? BroadcastInto(Subtask subtask) => EdgesInto(subtask).FirstOrDefault(edge => edge.StaysAligned);

    private IEnumerable<Subtask> Producers(Subtask subtask) => EdgesInto(subtask).SelectMany(edge =>
        _pending.Subtasks.Where(producer => producer.Id.Task == edge.From.Index && (edge.Kind != EdgeKind.Forward || producer.Id.Index == subtask.Id.Index)));

    private IReadOnlyList<EdgePlan> EdgesInto(Subtask subtask) => _pending.Plan.Tasks[subtask.Id.Task].InEdges;

    private static string Ms(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");
}
