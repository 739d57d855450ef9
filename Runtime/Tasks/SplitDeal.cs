namespace Weir.Runtime.Tasks;

/// <summary>Splits × subtasks → who reads what, on a first start. Pure. Afterwards the checkpoint says it.</summary>
internal static class SplitDeal
{
    public static IReadOnlyList<SubtaskSplits> Deal(string source, IReadOnlyList<SplitPosition> splits, int parallelism) =>
    [
        .. Enumerable.Range(0, parallelism).Select(subtask =>
            new SubtaskSplits(source, subtask, [.. splits.Where((_, index) => index % parallelism == subtask)])),
    ];
}

/// <summary>What one subtask of a source reads, and from where.</summary>
internal sealed record SubtaskSplits(string Source, int Subtask, IReadOnlyList<SplitPosition> Splits);
