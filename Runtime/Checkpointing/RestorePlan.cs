using Weir.Runtime.Graph;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Says, before anything runs, whether a checkpoint fits a plan: each mismatch is one sentence that names what, where, and the way out. Pure.</summary>
internal static class RestorePlan
{
    /// <summary>What does not fit; empty where all does.</summary>
    public static IReadOnlyList<string> Mismatches(ExecutionPlan plan, CheckpointMetadata checkpoint, int slot)
    {
        var found = new List<string>();
        if (checkpoint.Job != plan.Settings.Name || checkpoint.Slot != slot)
        {
            found.Add($"Checkpoint {checkpoint.CheckpointId} is of job '{checkpoint.Job}', slot {checkpoint.Slot}; this is job '{plan.Settings.Name}', slot {slot}.");
        }
        if (checkpoint.MaxParallelism != plan.Settings.MaxParallelism)
        {
            found.Add($"Checkpoint {checkpoint.CheckpointId} divides keys into {checkpoint.MaxParallelism} key groups, the settings say MaxParallelism {plan.Settings.MaxParallelism}: set it back to {checkpoint.MaxParallelism}.");
        }
        foreach (var stored in checkpoint.Operators)
        {
            CheckOperator(plan, stored, found);
        }
        foreach (var node in plan.Operators.Where(node => node.HasKeyedState || node.OperatorStates.Count > 0 || node.IsSource))
        {
            if (checkpoint.Operators.All(stored => stored.Id != node.Id))
            {
                found.Add($"Operator '{node.Id}' is not in checkpoint {checkpoint.CheckpointId}: it would start empty. Give it the id it had, or start the job under a new name.");
            }
        }
        foreach (var edge in checkpoint.Edges)
        {
            CheckEdge(plan, checkpoint, edge, found);
        }
        return found;
    }

    /// <summary>Whether either end of an edge has another number of subtasks than the checkpoint was taken at.</summary>
    public static bool IsRescaled(EdgePlan edge, CheckpointMetadata checkpoint) => HasChanged(edge.From.Tail, checkpoint) || HasChanged(edge.To.Head, checkpoint);

    private static bool HasChanged(OperatorNode node, CheckpointMetadata checkpoint) =>
        checkpoint.Operators.FirstOrDefault(stored => stored.Id == node.Id) is { } stored && stored.Parallelism != node.Parallelism;

    private static void CheckOperator(ExecutionPlan plan, OperatorMetadata stored, List<string> found)
    {
        var node = plan.Operators.FirstOrDefault(node => node.Id == stored.Id);
        bool holdsSomething = stored.Subtasks.Any(subtask => subtask.State.Count > 0 || subtask.OperatorState.Count > 0 || subtask.Splits.Count > 0);
        if (node is null)
        {
            if (holdsSomething)
            {
                found.Add($"The checkpoint holds state of operator '{stored.Id}', which the job does not have any more: give that operator its id back.");
            }
            return;
        }
        foreach (var state in stored.Subtasks.SelectMany(subtask => subtask.State).DistinctBy(part => part.StateName))
        {
            var declared = node.States.FirstOrDefault(declared => declared.Name == state.StateName);
            if (declared is null)
            {
                found.Add($"The checkpoint holds state '{state.StateName}' of operator '{stored.Id}', which the operator does not declare any more: declare it, or start the job under a new name.");
            }
            else if (declared.ValueCodec != state.ValueCodec)
            {
                found.Add($"State '{state.StateName}' of operator '{stored.Id}' was written by codec {state.ValueCodec}, and would be read by {declared.ValueCodec}: use the codec that wrote it.");
            }
        }
        foreach (var state in stored.Subtasks.SelectMany(subtask => subtask.OperatorState).DistinctBy(part => part.StateName))
        {
            CheckOperatorState(node, state, found);
        }
    }

    private static void CheckOperatorState(OperatorNode node, OperatorStatePart stored, List<string> found)
    {
        var declared = node.OperatorStates.FirstOrDefault(declared => declared.Name == stored.StateName);
        if (declared is null)
        {
            found.Add($"The checkpoint holds state '{stored.StateName}' of operator '{node.Id}', which the operator does not declare any more: declare it, or start the job under a new name.");
        }
        else if (declared.Kind != stored.Kind)
        {
            found.Add($"State '{stored.StateName}' of operator '{node.Id}' was a {stored.Kind} state, and is declared as a {declared.Kind} state: declare it as it was, or give it another name.");
        }
        else if (declared.ValueCodec != stored.ValueCodec || declared.KeyCodec != stored.KeyCodec)
        {
            found.Add(
                $"State '{stored.StateName}' of operator '{node.Id}' was written by codec {Codecs(stored.KeyCodec, stored.ValueCodec)}, "
                + $"and would be read by {Codecs(declared.KeyCodec, declared.ValueCodec)}: use the codec that wrote it.");
        }

        static string Codecs(CodecId? key, CodecId value) => key is null ? $"{value}" : $"{key} for keys and {value} for values";
    }

    private static void CheckEdge(ExecutionPlan plan, CheckpointMetadata checkpoint, EdgeMetadata stored, List<string> found)
    {
        var edge = plan.Edges.FirstOrDefault(edge => edge.Id == stored.EdgeId);
        if (edge is null && plan.Tasks.Any(task => task.Chains(stored.EdgeId)))
        {
            found.Add(
                $"The checkpoint holds in-flight records of edge '{stored.EdgeId}', whose operators run as one task now that their parallelism is equal: "
                + "nothing takes those records in. Set the parallelism back, and stop the job with an aligned checkpoint (CheckpointMode Aligned) before you change it.");
        }
        else if (edge is null)
        {
            found.Add($"The checkpoint holds in-flight records of edge '{stored.EdgeId}', which the job does not have any more: stop the old version with an aligned checkpoint (CheckpointMode Aligned), then change the graph.");
        }
        else if (edge.CodecId != stored.RecordCodec)
        {
            found.Add($"In-flight records of edge '{stored.EdgeId}' were written by codec {stored.RecordCodec}, and would be read by {edge.CodecId}: stop the old version with an aligned checkpoint (CheckpointMode Aligned), then change the codec.");
        }
        else if (edge.Kind == EdgeKind.Forward && IsRescaled(edge, checkpoint))
        {
            found.Add(
                $"The checkpoint holds in-flight records of edge '{stored.EdgeId}', which joins subtasks of equal number, and their number has changed to {edge.To.Parallelism}: "
                + "nothing tells where they belong now. Set the parallelism back, and stop the job with an aligned checkpoint (CheckpointMode Aligned) before you change it.");
        }
    }
}
