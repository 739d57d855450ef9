namespace Weir.StateStore;

/// <summary>Decides what a job that touches Kafka begins from: the pointer only, never what happens to lie in the folder.</summary>
/// <remarks>
/// Pure. Before its caller acts on a refusal it reads the pointer once more: another life may have overtaken this one. Protocol: docs/design.md, Restore.
/// </remarks>
public static class CheckpointChoice
{
    /// <summary>Decides.</summary>
    public static RestoreChoice Choose(StartSituation situation)
    {
        ArgumentNullException.ThrowIfNull(situation);
        if (situation.From is not null && situation.AskedForFirstStart)
        {
            return new RefuseStart($"Job '{situation.Job}': --from and --first-start exclude each other; give one of them.");
        }
        if (situation.From is not null && situation.From == situation.Latest?.Location)
        {
            return new RestorePointer(situation.Latest); // Begun from there already.
        }
        if (situation.From is not null)
        {
            return ChoosePath(situation, situation.From);
        }
        if (situation.AskedForFirstStart)
        {
            return new FirstStart(Asked: true);
        }
        if (situation.Latest is not null)
        {
            return situation.StartModeIsGroup
                ? new RefuseStart(
                    $"Job '{situation.Job}' is to start from its group's offsets, but {Describe(situation.Latest)} is committed, and offsets run ahead of output: "
                    + "remove the start mode to go on from there, or start anew with --first-start.")
                : new RestorePointer(situation.Latest);
        }
        string? trace = TraceOf(situation);
        return trace is null
            ? new FirstStart(Asked: false)
            : new RefuseStart(
                $"Job '{situation.Job}' has no committed pointer, but {trace}: it ran before, and a start from the beginning would repeat or lose records. "
                + "Name what to begin from with --from PATH, or start anew with --first-start.");
    }

    /// <summary>
    /// Orders the checkpoints that a job without Kafka tries, one after another: what <c>LATEST</c> names, then the complete ones, newest first.
    /// </summary>
    /// <param name="latest">What <c>LATEST</c> names; null where there is none.</param>
    /// <param name="complete">Folders that have a metadata file.</param>
    public static IReadOnlyList<string> OrderCandidates(CheckpointPointer? latest, IEnumerable<string> complete)
    {
        var newestFirst = complete.OrderByDescending(CheckpointPaths.LastPart, StringComparer.Ordinal).ToList();
        return latest is { IsStart: false } && newestFirst.Remove(latest.Location) ? [latest.Location, .. newestFirst] : newestFirst;
    }

    private static RestoreChoice ChoosePath(StartSituation situation, string path)
    {
        if (situation.Latest is not { } pointer || (situation.FromCheckpointId is { } id && id >= pointer.CheckpointId))
        {
            return new RestorePath(path, OlderThanPointer: null);
        }
        return situation.AcceptsDuplicates
            ? new RestorePath(path, pointer)
            : new RefuseStart(
                $"Job '{situation.Job}': {path} is older than {Describe(pointer)}, which is committed, so its output would be written again. "
                + "Start without --from to go on from there, or add --accept-duplicates.");
    }

    private static string? TraceOf(StartSituation situation)
    {
        if (situation.Folders.Count > 0)
        {
            return $"the store has {situation.Folders.OrderBy(CheckpointPaths.LastPart, StringComparer.Ordinal).Last()}";
        }
        return situation.GroupHasOffsets && !situation.StartModeIsGroup ? "its consumer group has committed offsets" : null;
    }

    private static string Describe(CheckpointPointer pointer) => pointer.IsStart ? "its start (pointer 0)" : $"checkpoint {pointer.CheckpointId}";
}
