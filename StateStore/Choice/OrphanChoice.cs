namespace Weir.StateStore;

/// <summary>Decides which folders of a job are the remains of checkpoints and savepoints that were never finished.</summary>
/// <remarks>
/// Pure. A folder is one if it has no metadata, so that no pointer can name it and nobody restores it, if nothing in it came or changed within the grace age, so that
/// nobody is at it, and if nothing that has metadata references it. Whatever has metadata is <see cref="CheckpointRetention"/>'s, or the operator's.
/// </remarks>
public static class OrphanChoice
{
    /// <summary>Those that nobody is at; of these, some may be referenced.</summary>
    /// <param name="survey">All that the job has in the store.</param>
    /// <param name="grace">The grace age.</param>
    public static IReadOnlyList<string> ChooseUnfinished(StoreSurvey survey, TimeSpan grace)
    {
        ArgumentNullException.ThrowIfNull(survey);
        return
        [
            .. survey.Files.GroupBy(file => CheckpointPaths.FolderOf(file.Name))
                .Where(folder => IsOurs(folder.Key) && !folder.Any(IsMetadata) && folder.All(file => survey.Now - file.ModifiedAt > grace))
                .Select(folder => folder.Key)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Folders that are finished, whose references are to be asked for.</summary>
    /// <param name="survey">All that the job has in the store.</param>
    public static IReadOnlyList<string> Finished(StoreSurvey survey)
    {
        ArgumentNullException.ThrowIfNull(survey);
        return [.. survey.Files.Where(IsMetadata).Select(file => CheckpointPaths.FolderOf(file.Name)).Where(IsOurs).Order(StringComparer.Ordinal)];
    }

    private static bool IsMetadata(StoredFile file) => file.IsWhole && CheckpointPaths.LastPart(file.Name) == CheckpointPaths.Metadata;

    private static bool IsOurs(string folder) => CheckpointPaths.TryParseCheckpointFolder(folder, out _) || CheckpointPaths.IsSavepointFolder(folder);
}
