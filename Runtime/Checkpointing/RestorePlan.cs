using Weir.Runtime.Graph;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Says, before anything runs, what becomes of each operator, state and edge that a checkpoint holds; each that does not fit is one sentence that names what, where, and the way out. Pure.</summary>
internal sealed class RestorePlan
{
    private readonly ExecutionPlan _plan;
    private readonly CheckpointMetadata _checkpoint;
    private readonly bool _dropsInFlight;
    private readonly List<RestoreFinding> _findings = [];

    private RestorePlan(ExecutionPlan plan, CheckpointMetadata checkpoint, bool dropsInFlight)
    {
        _dropsInFlight = dropsInFlight;
        _plan = plan;
        _checkpoint = checkpoint;
    }

    /// <summary>What becomes of everything, in the order of the checkpoint.</summary>
    public IReadOnlyList<RestoreFinding> Findings => _findings;

    /// <summary>What does not fit; empty where all does.</summary>
    public IReadOnlyList<string> Refusals => [.. _findings.Where(found => found.Action == RestoreAction.Refused).Select(found => found.Sentence)];

    /// <param name="plan">The job.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="slot">The slot that starts.</param>
    /// <param name="dropsInFlight">Whether records in flight are to be left out.</param>
    public static RestorePlan Of(ExecutionPlan plan, CheckpointMetadata checkpoint, int slot, bool dropsInFlight = false)
    {
        var made = new RestorePlan(plan, checkpoint, dropsInFlight);
        made.CheckJob(slot);
        foreach (var stored in checkpoint.Operators)
        {
            made.CheckOperator(stored);
        }
        foreach (var node in plan.Operators.Where(node => (node.HasKeyedState || node.OperatorStates.Count > 0 || node.IsSource) && checkpoint.Operators.All(stored => stored.Id != node.Id)))
        {
            made.Add(RestoreAction.New, $"operator '{node.Id}' is not in checkpoint {checkpoint.CheckpointId}, and {(node.IsSource ? "begins as on a first start" : "starts empty")}");
        }
        foreach (var edge in checkpoint.Edges)
        {
            made.CheckEdge(edge);
        }
        return made;
    }

    /// <summary>Whether an edge sends records elsewhere than it did: an end of it has another number of subtasks than the checkpoint was taken at, its rule is another one, or keys are divided otherwise.</summary>
    public static bool MustDeal(ExecutionPlan plan, EdgePlan edge, CheckpointMetadata checkpoint) =>
        HasChanged(edge.Emitter, checkpoint) || HasChanged(edge.To.Head, checkpoint) || (edge.Kind == EdgeKind.Hash && plan.Settings.MaxParallelism != checkpoint.MaxParallelism)
        || checkpoint.Edges.FirstOrDefault(stored => stored.EdgeId == edge.Id) is { Kind: { } kind } && kind != edge.Kind.ToString();

    private static bool HasChanged(OperatorNode node, CheckpointMetadata checkpoint) =>
        checkpoint.Operators.FirstOrDefault(stored => stored.Id == node.Id) is { } stored && stored.Parallelism != node.Parallelism;

    private void Add(RestoreAction action, string sentence) => _findings.Add(new RestoreFinding(action, sentence));

    private void CheckJob(int slot)
    {
        if (_checkpoint.Savepoint is not null)
        {
            return; // It was named on purpose: of another job, or with keys that are divided otherwise, it serves as well.
        }
        if (_checkpoint.Job != _plan.Settings.Name || _checkpoint.Slot != slot)
        {
            Add(RestoreAction.Refused, $"Checkpoint {_checkpoint.CheckpointId} is of job '{_checkpoint.Job}', slot {_checkpoint.Slot}; this is job '{_plan.Settings.Name}', slot {slot}.");
        }
        if (_checkpoint.MaxParallelism != _plan.Settings.MaxParallelism)
        {
            Add(
                RestoreAction.Refused,
                $"Checkpoint {_checkpoint.CheckpointId} divides keys into {_checkpoint.MaxParallelism} key groups, the settings say MaxParallelism {_plan.Settings.MaxParallelism}: set it back to {_checkpoint.MaxParallelism}, or begin from a savepoint.");
        }
    }

    private void CheckOperator(OperatorMetadata stored)
    {
        var node = _plan.Operators.FirstOrDefault(node => node.Id == stored.Id);
        bool holdsSomething = stored.Subtasks.Any(subtask => subtask.State.Count > 0 || subtask.OperatorState.Count > 0 || subtask.Splits.Count > 0);
        if (node is null)
        {
            if (holdsSomething)
            {
                DropState($"state of operator '{stored.Id}'", $"The checkpoint holds state of operator '{stored.Id}', which the job does not have any more: give that operator its id back");
            }
            return;
        }
        if (stored.Subtasks.Any(subtask => subtask.Splits.Count > 0))
        {
            Add(node.Parallelism == stored.Parallelism ? RestoreAction.Kept : RestoreAction.Moved, $"positions of source '{node.Id}', {stored.Subtasks.Sum(subtask => subtask.Splits.Count)} splits");
        }
        foreach (var state in stored.Subtasks.SelectMany(subtask => subtask.State).DistinctBy(part => part.StateName))
        {
            CheckState(node, stored, state);
        }
        foreach (var state in stored.Subtasks.SelectMany(subtask => subtask.OperatorState).DistinctBy(part => part.StateName))
        {
            CheckState(node, stored, state);
        }
    }

    private void CheckState(OperatorNode node, OperatorMetadata stored, KeyedStatePart state)
    {
        string what = $"State '{state.StateName}' of operator '{stored.Id}'";
        var declared = node.States.FirstOrDefault(declared => declared.Name == state.StateName);
        if (declared is null)
        {
            DropUndeclared(stored.Id, state.StateName);
        }
        else if (node.KeyCodecId is { } keys && keys != state.KeyCodec)
        {
            Add(RestoreAction.Refused, $"{what} is of keys that were written by codec {state.KeyCodec}, and would be read by {keys}: key by the type it had, or start the job under a new name.");
        }
        else
        {
            CheckCodec(what, HasChanged(node, _checkpoint) || _plan.Settings.MaxParallelism != _checkpoint.MaxParallelism, state.ValueCodec, declared.ValueCodec);
        }
    }

    private void CheckState(OperatorNode node, OperatorMetadata stored, OperatorStatePart state)
    {
        string what = $"State '{state.StateName}' of operator '{stored.Id}'";
        var declared = node.OperatorStates.FirstOrDefault(declared => declared.Name == state.StateName);
        if (declared is null)
        {
            DropUndeclared(stored.Id, state.StateName);
        }
        else if (declared.Kind != state.Kind)
        {
            Add(RestoreAction.Refused, $"{what} was a {state.Kind} state, and is declared as a {declared.Kind} state: declare it as it was, or give it another name.");
        }
        else if (state.KeyCodec is { } key && declared.KeyCodec is { } declaredKey && key != declaredKey && _plan.Codecs.FindUpgrade(key, declaredKey) is null)
        {
            CheckCodec($"{what}, its keys", isMoved: false, key, declaredKey);
        }
        else
        {
            CheckCodec(what, HasChanged(node, _checkpoint), state.ValueCodec, declared.ValueCodec);
        }
    }

    private void CheckCodec(string what, bool isMoved, CodecId stored, CodecId declared)
    {
        if (stored == declared)
        {
            Add(isMoved ? RestoreAction.Moved : RestoreAction.Kept, what);
        }
        else if (_plan.Codecs.FindUpgrade(stored, declared) is not null)
        {
            Add(RestoreAction.Upgraded, $"{what}, from {stored} to {declared}");
        }
        else
        {
            Add(RestoreAction.Refused, $"{what} was written by codec {stored}, and would be read by {declared}: use the codec that wrote it, or say how one becomes the other by Codecs.AddUpgrade(..).");
        }
    }

    private void CheckEdge(EdgeMetadata stored)
    {
        if (stored.Records == 0 && stored.Channels.Count > 0)
        {
            return; // Watermarks alone: where they fit nothing they are left out.
        }
        string what = $"{stored.Records} in-flight records of edge '{stored.EdgeId}'";
        string holds = $"The checkpoint holds {what}";
        const string Aligned = "stop the job with an aligned checkpoint (CheckpointMode Aligned) before you change it";
        var edge = _plan.Edges.FirstOrDefault(edge => edge.Id == stored.EdgeId);
        if (_dropsInFlight)
        {
            Add(RestoreAction.Dropped, what);
        }
        else if (edge is null && _plan.Tasks.Any(task => task.Chains(stored.EdgeId)))
        {
            RefuseInFlight($"{holds}, whose operators run as one task now that their parallelism is equal: nothing takes those records in. Set the parallelism back, and {Aligned}");
        }
        else if (edge is null)
        {
            RefuseInFlight($"{holds}, which the job does not have any more: start the version that has it, and {Aligned}");
        }
        else if (edge.Kind == EdgeKind.Broadcast)
        {
            RefuseInFlight($"{holds}, which goes to all subtasks now: nothing tells which of them had a record already. Start the version that had another edge there, and {Aligned}");
        }
        else if (edge.Kind == EdgeKind.Forward && MustDeal(_plan, edge, _checkpoint))
        {
            RefuseInFlight(
                $"{holds}, which joins subtasks of equal number, and that number, or the edge, was another one: "
                + $"nothing tells where they belong now. Set the parallelism back, or the edge, and {Aligned}");
        }
        else if (edge.CodecId != stored.RecordCodec && _plan.Codecs.FindUpgrade(stored.RecordCodec, edge.CodecId) is null)
        {
            RefuseInFlight(
                $"{holds}, which were written by codec {stored.RecordCodec}, and would be read by {edge.CodecId}: say how one becomes the other by Codecs.AddUpgrade(..), "
                + $"or start the version that wrote them, and {Aligned}");
        }
        else
        {
            CheckCodec(what, MustDeal(_plan, edge, _checkpoint), stored.RecordCodec, edge.CodecId);
        }
    }

    private void RefuseInFlight(string sentence) => Add(RestoreAction.Refused, $"{sentence}. The last resort is --drop-in-flight, which loses them.");

    private void DropUndeclared(string owner, string state) =>
        DropState($"state '{state}' of operator '{owner}'", $"The checkpoint holds state '{state}' of operator '{owner}', which the operator does not declare any more: declare it");

    private void DropState(string what, string refusal)
    {
        if (_plan.Settings.AllowDroppedState)
        {
            Add(RestoreAction.Dropped, what);
        }
        else
        {
            Add(RestoreAction.Refused, $"{refusal}, or leave it behind with --allow-dropped-state.");
        }
    }
}
