namespace Weir.StateStore;

/// <summary>Entries of old subtasks × subtasks → who holds what. Pure.</summary>
internal static class OperatorStateDeal
{
    /// <summary>Whether a subtask may hold anything that an old one held.</summary>
    public static bool MayHold(OperatorStateKind kind, int oldIndex, int oldParallelism, (int Index, int Parallelism) subtask) => kind switch
    {
        OperatorStateKind.Broadcast => oldIndex == subtask.Index % oldParallelism,
        OperatorStateKind.List => oldParallelism != subtask.Parallelism || oldIndex == subtask.Index,
        _ => true,
    };

    /// <summary>Whether it holds this entry, of those it may hold; entries are numbered over all old subtasks.</summary>
    public static bool Holds(OperatorStateKind kind, int entry, int oldParallelism, (int Index, int Parallelism) subtask) =>
        kind != OperatorStateKind.List || oldParallelism == subtask.Parallelism || entry % subtask.Parallelism == subtask.Index;
}
