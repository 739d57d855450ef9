using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>What one folder of a store is.</summary>
internal sealed record CheckpointEntry
{
    /// <summary>Its path in the store.</summary>
    public required string Folder { get; init; }

    /// <summary><c>checkpoint</c>, <c>savepoint</c>, <c>unfinished</c> or <c>unreadable</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The checkpoint's number; null where it can't be read.</summary>
    public long? Id { get; init; }

    public string? Job { get; init; }

    /// <summary><c>aligned</c> or <c>unaligned</c>.</summary>
    public string? Mode { get; init; }

    public DateTimeOffset? TriggeredAt { get; init; }

    /// <summary>Until the last subtask had acknowledged.</summary>
    public double? DurationMs { get; init; }

    public long StateBytes { get; init; }

    public long InFlightBytes { get; init; }

    public long InFlightRecords { get; init; }

    /// <summary>Folders beside it that it is not whole without.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Whether the pointer of a job without Kafka names it; that of others lies in Kafka.</summary>
    public bool IsLatest { get; init; }

    /// <summary>Why it can't be read.</summary>
    public string? Problem { get; init; }
}

/// <summary>Tells what lies in a store, job by job, oldest first.</summary>
internal static class CheckpointCatalog
{
    public static async Task<IReadOnlyList<CheckpointEntry>> ReadAsync(ICheckpointStorage storage, string? job, CancellationToken cancellation)
    {
        var survey = await storage.SurveyAsync(job is null ? "" : CheckpointPaths.JobFolder(job), cancellation).ConfigureAwait(false);
        var latest = await LatestAsync(storage, survey, cancellation).ConfigureAwait(false);
        var entries = new List<CheckpointEntry>();
        foreach (string folder in OrphanChoice.Finished(survey))
        {
            entries.Add(await DescribeAsync(storage, folder, latest.Contains(folder), cancellation).ConfigureAwait(false));
        }
        // With no grace: whatever has no metadata by now.
        entries.AddRange(OrphanChoice.ChooseUnfinished(survey, TimeSpan.MinValue).Select(folder => new CheckpointEntry { Folder = folder, Kind = "unfinished" }));
        return [.. entries.OrderBy(entry => CheckpointPaths.FolderOf(entry.Folder), StringComparer.Ordinal).ThenBy(entry => CheckpointPaths.LastPart(entry.Folder), StringComparer.Ordinal)];
    }

    private static async Task<HashSet<string>> LatestAsync(ICheckpointStorage storage, StoreSurvey survey, CancellationToken cancellation)
    {
        var latest = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in survey.Files.Where(file => file is { IsWhole: true, Length: > 0 and <= CheckpointPointer.BytesMax } && CheckpointPaths.LastPart(file.Name) == "LATEST"))
        {
            try
            {
                latest.Add(CheckpointPointer.Parse(await storage.ReadAsync(file.Name, 0, (int)file.Length, cancellation).ConfigureAwait(false), file.Name).Location);
            }
            catch (CheckpointStorageException broken) when (broken.Reason is StorageFailure.Damaged or StorageFailure.OtherFormat or StorageFailure.Missing)
            {
                // Then none is marked; a start says why.
            }
        }
        return latest;
    }

    private static async Task<CheckpointEntry> DescribeAsync(ICheckpointStorage storage, string folder, bool isLatest, CancellationToken cancellation)
    {
        try
        {
            return Describe(folder, await CheckpointMetadata.ReadAsync(storage, folder, cancellation).ConfigureAwait(false), isLatest);
        }
        catch (CheckpointStorageException broken) when (broken.Reason is StorageFailure.Damaged or StorageFailure.OtherFormat or StorageFailure.Missing)
        {
            return new CheckpointEntry { Folder = folder, Kind = "unreadable", IsLatest = isLatest, Problem = broken.Message };
        }
    }

    /// <summary>What metadata say, in short.</summary>
    public static CheckpointEntry Describe(string folder, CheckpointMetadata metadata, bool isLatest = false) => new()
    {
        Folder = folder,
        Kind = metadata.Savepoint is null ? "checkpoint" : "savepoint",
        Id = metadata.CheckpointId,
        Job = metadata.Job,
        Mode = metadata.Mode,
        TriggeredAt = metadata.TriggeredAt,
        DurationMs = (metadata.CompletedAt - metadata.TriggeredAt)?.TotalMilliseconds,
        StateBytes = NeededSegments.StateBytes(metadata),
        InFlightBytes = NeededSegments.InFlightBytes(metadata),
        InFlightRecords = metadata.InFlightRecords,
        References = metadata.References,
        IsLatest = isLatest,
    };
}
