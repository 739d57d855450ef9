namespace Weir.StateStore;

/// <summary>Decides which checkpoint folders may go.</summary>
/// <remarks>
/// Pure. Counted by committed pointers, not by folders found. Never goes: a folder that is kept or that a kept one references; one with a number above
/// the oldest kept, which may be one being written. So what an ended attempt or life left behind goes a few checkpoints later.
/// </remarks>
public static class CheckpointRetention
{
    /// <summary>How many committed checkpoints are kept by default: the newest, and two to go back to.</summary>
    public const int RetainedDefault = 3;

    /// <summary>Decides.</summary>
    /// <param name="committed">Folders named by committed pointers, newest first; start pointers, which have none, are left out.</param>
    /// <param name="found">Checkpoint folders in the store.</param>
    /// <param name="referencesOf">Names of the folders that a kept folder's metadata references, without the folders above; asked for kept ones only.</param>
    /// <param name="retained">How many of the committed are kept.</param>
    /// <returns>What may be deleted, oldest first.</returns>
    public static IReadOnlyList<string> ChooseDeletions(
        IReadOnlyList<string> committed, IEnumerable<string> found, Func<string, IReadOnlyList<string>> referencesOf, int retained = RetainedDefault)
    {
        ArgumentNullException.ThrowIfNull(committed);
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(referencesOf);
        ArgumentOutOfRangeException.ThrowIfLessThan(retained, 1);
        var kept = committed.Take(retained).ToList();
        if (kept.Count == 0)
        {
            return []; // Nothing is known to count, so nothing is known to be of no use.
        }
        var needed = Needed(kept, referencesOf);
        long oldestKept = kept.Min(NumberOf);
        return
        [
            .. found
                .Where(folder => CheckpointPaths.TryParseCheckpointFolder(folder, out var name) && name.CheckpointId <= oldestKept)
                .Where(folder => !needed.Contains(CheckpointPaths.LastPart(folder)))
                .OrderBy(CheckpointPaths.LastPart, StringComparer.Ordinal),
        ];
    }

    private static HashSet<string> Needed(List<string> kept, Func<string, IReadOnlyList<string>> referencesOf)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        foreach (string folder in kept)
        {
            needed.Add(CheckpointPaths.LastPart(folder));
            needed.UnionWith(referencesOf(folder));
        }
        return needed;
    }

    private static long NumberOf(string folder)
    {
        Invariant.Holds(CheckpointPaths.TryParseCheckpointFolder(folder, out var name));
        return name.CheckpointId;
    }
}
