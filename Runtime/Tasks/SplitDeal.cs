namespace Weir.Runtime.Tasks;

/// <summary>Splits × subtasks → who reads what, on a first start, and of splits that came later. Pure. Of all others the checkpoint says it.</summary>
internal static class SplitDeal
{
    public static IReadOnlyList<SubtaskSplits> Deal(string source, IReadOnlyList<SplitPosition> splits, int parallelism) =>
    [
        .. Enumerable.Range(0, parallelism).Select(subtask =>
            new SubtaskSplits(source, subtask, [.. splits.Where((_, index) => index % parallelism == subtask)])),
    ];

    /// <summary>Gives each new split to one of those who read least; who reads a split goes on with it.</summary>
    public static IReadOnlyList<SubtaskSplits> Add(string source, IReadOnlyList<SubtaskSplits> dealt, IReadOnlyList<SplitPosition> more, int parallelism)
    {
        if (more.Count == 0)
        {
            return dealt;
        }
        var all = Enumerable.Range(0, parallelism).Select(subtask => dealt.FirstOrDefault(one => one.Subtask == subtask) ?? new SubtaskSplits(source, subtask, [])).ToList();
        foreach (var split in more)
        {
            int least = all.MinBy(one => one.Splits.Count)!.Subtask;
            all[least] = all[least] with { Splits = [.. all[least].Splits, split] };
        }
        return all;
    }
}

/// <summary>What one subtask of a source reads, and from where.</summary>
internal sealed record SubtaskSplits(string Source, int Subtask, IReadOnlyList<SplitPosition> Splits);
