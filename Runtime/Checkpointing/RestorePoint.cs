using Microsoft.Extensions.Logging;
using Weir.Runtime.Diagnostics;
using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Where an attempt begins: nothing, pointer 0, or a committed checkpoint.</summary>
internal sealed record RestorePoint
{
    public required long CheckpointId { get; init; }

    /// <summary>The checkpoint's folder; empty for pointer 0 and a first start.</summary>
    public string Folder { get; init; } = "";

    public CheckpointMetadata? Metadata { get; init; }

    public bool IsFirstStart { get; init; }

    /// <summary>Whether it is not where the pointer points: then a pointer to it is committed before the first record, so that a restart goes on from there.</summary>
    public bool NeedsPointer { get; init; }

    /// <summary>The pointer that was in force before; null where there was none, or it is left behind.</summary>
    public long? PreviousId { get; init; }

    /// <summary>Whether records in flight are left out, as was asked for.</summary>
    public bool DropsInFlight { get; init; }

    /// <summary>Who reads what, from where.</summary>
    public IReadOnlyList<SubtaskSplits> Positions { get; init; } = [];

    /// <summary>The ids of the logs that the positions belong to, by name.</summary>
    public IReadOnlyDictionary<string, string> Logs { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether there is nothing left to do: every subtask had finished, and no source has anything new before its stop.</summary>
    public bool IsComplete => Metadata is { Operators.Count: > 0 } complete
        && complete.Operators.All(one => one.Subtasks.All(subtask => subtask.Finished))
        && Positions.All(one => one.Splits.All(split => split.Position >= split.StopAt));

    /// <summary>Chooses by the pointer alone, never by what lies in the folder, and checks that the job fits what is found.</summary>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: refused, with the way out.</exception>
    public static async Task<RestorePoint> ChooseAsync(AttemptParts parts, CommitStart start, ICheckpointCommit commit, bool startsFromOwnGroup, CancellationToken cancellation)
    {
        var settings = parts.Plan.Settings;
        var found = CheckpointPaths.CheckpointFoldersOf(await parts.Storage.ListAsync(CheckpointPaths.SlotFolder(settings.Name, parts.Slot), cancellation));
        var asked = parts.IsFirstChoice && settings.RestoreFrom is { } path ? await AskedRestore.FindAsync(parts, path, cancellation) : null;
        var choice = CheckpointChoice.Choose(new StartSituation
        {
            Job = settings.Name,
            Latest = start.Pointer,
            Folders = found,
            GroupHasOffsets = start.GroupHasOffsets,
            StartModeIsGroup = startsFromOwnGroup && (parts.IsFirstChoice || start.Pointer is null),
            From = asked?.Folder,
            FromCheckpointId = asked?.NumberFor(start.Pointer),
            AcceptsDuplicates = settings.AcceptDuplicates,
            AskedForFirstStart = settings.FirstStart && parts.IsFirstChoice,
        });
        switch (choice)
        {
            case FirstStart:
                return new RestorePoint { CheckpointId = 0, IsFirstStart = true };
            case RefuseStart refused:
                await RefuseUnlessOvertakenAsync(start, commit, cancellation);
                throw new JobException(JobFailure.Configuration, refused.Sentence);
            case RestorePath { OlderThanPointer: var newer }:
                if (newer is not null)
                {
                    parts.Logger.Repeats(settings.Name, asked!.Folder, newer.CheckpointId, asked.Positions);
                }
                return Of(parts, start, asked!.Folder, asked.Metadata) with { NeedsPointer = true, PreviousId = start.Pointer?.CheckpointId };
            case RestorePointer { Latest: { IsStart: true } pointer }:
                return FromPointer0(parts, pointer);
            case RestorePointer { Latest: var pointer }:
                return await LoadAsync(parts, start, pointer, commit, cancellation);
            default:
                throw new InvalidOperationException($"{choice} can't be restored.");
        }
    }

    /// <summary>A committed checkpoint that can't be read: its output is public, so nothing older may stand in for it.</summary>
    public static JobException Broken(long checkpoint, string what, Exception broken) => new(
        JobFailure.Configuration,
        $"Checkpoint {checkpoint} is the committed one, and can't be read. {what.TrimEnd('.')}."
        + (broken is CheckpointStorageException { Reason: StorageFailure.OtherFormat } ? "" : " Bring the file back, or start the job under a new name."),
        broken);

    /// <summary>Pointer 0 of a first start, or a pointer to what was asked for.</summary>
    public CheckpointPointer ToPointer(string life) => new()
    {
        CheckpointId = CheckpointId,
        Location = Folder,
        LifeId = life,
        PreviousId = PreviousId,
        StartPositions = !IsFirstStart ? [] : [.. Positions.SelectMany(one => one.Splits.Select(split => new StartPosition(one.Source, split.Split, split.Position, split.StopAt, split.StopRule)))],
        Topics = Logs,
    };

    private static RestorePoint FromPointer0(AttemptParts parts, CheckpointPointer pointer)
    {
        var positions = new List<SubtaskSplits>();
        foreach (var task in parts.Plan.Tasks.Where(task => task.StartsWithSource))
        {
            var splits = pointer.StartPositions.Where(start => start.Source == task.Head.Id).Select(start => new SplitPosition(start.Split, start.Position, start.StopAt, start.StopRule));
            positions.AddRange(SplitDeal.Deal(task.Head.Id, [.. splits], task.Parallelism));
        }
        return new RestorePoint { CheckpointId = pointer.CheckpointId, Positions = positions, Logs = pointer.Topics };
    }

    private static async Task<RestorePoint> LoadAsync(AttemptParts parts, CommitStart start, CheckpointPointer pointer, ICheckpointCommit commit, CancellationToken cancellation)
    {
        CheckpointMetadata metadata;
        try
        {
            metadata = await CheckpointMetadata.ReadAsync(parts.Storage, pointer.Location, cancellation);
        }
        catch (CheckpointStorageException broken) when (broken.Reason is StorageFailure.Damaged or StorageFailure.Missing or StorageFailure.OtherFormat)
        {
            await RefuseUnlessOvertakenAsync(start, commit, cancellation);
            throw Broken(pointer.CheckpointId, broken.Message, broken);
        }
        Invariant.Holds(metadata.CheckpointId == pointer.CheckpointId);
        return Of(parts, start, pointer.Location, metadata);
    }

    /// <summary>What a checkpoint restores, once it is clear that all of it fits.</summary>
    private static RestorePoint Of(AttemptParts parts, CommitStart start, string folder, CheckpointMetadata metadata)
    {
        if (start.ClusterId != metadata.ClusterId)
        {
            throw new JobException(JobFailure.Configuration, $"Checkpoint {metadata.CheckpointId} belongs to cluster {metadata.ClusterId}, and this is cluster {start.ClusterId}: offsets of one mean nothing in the other.");
        }
        bool drops = parts.Drop.Holds(metadata.CheckpointId);
        var plan = RestorePlan.Of(parts.Plan, metadata, parts.Slot, drops);
        if (plan.Refusals.Count > 0)
        {
            throw new JobException(JobFailure.Configuration, string.Join(Environment.NewLine, plan.Refusals));
        }
        foreach (var found in plan.Findings)
        {
            parts.Logger.Restores(found.Action is RestoreAction.Dropped ? LogLevel.Warning : found.Action is RestoreAction.Kept ? LogLevel.Debug : LogLevel.Information, parts.Plan.Settings.Name, metadata.CheckpointId, found.Action, found.Sentence);
        }
        return new RestorePoint
        {
            CheckpointId = metadata.CheckpointId,
            Folder = folder,
            Metadata = metadata,
            DropsInFlight = drops,
            Logs = metadata.Topics,
            Positions = [.. metadata.Operators.Where(stored => parts.Plan.Operators.Any(node => node.Id == stored.Id)).SelectMany(stored => PositionsOf(parts.Plan, stored))],
        };
    }

    /// <summary>Who reads what: as it was, or, where the number of subtasks is another one, dealt anew.</summary>
    private static IEnumerable<SubtaskSplits> PositionsOf(ExecutionPlan plan, OperatorMetadata stored)
    {
        var reading = stored.Subtasks.Where(subtask => subtask.Splits.Count > 0)
            .Select(subtask => new SubtaskSplits(stored.Id, subtask.Index, [.. subtask.Splits.Select(split => new SplitPosition(split.Split, split.Position, split.StopAt, split.StopRule))]))
            .ToList();
        return reading.Count > 0 && plan.Operators.First(node => node.Id == stored.Id).Parallelism is var parallelism && parallelism != stored.Parallelism
            ? SplitDeal.Deal(stored.Id, [.. reading.SelectMany(one => one.Splits).OrderBy(split => split.Split, StringComparer.Ordinal)], parallelism)
            : reading;
    }

    /// <summary>What is missing may have been deleted by another life, which overtook this one: then this one gives way.</summary>
    private static async Task RefuseUnlessOvertakenAsync(CommitStart start, ICheckpointCommit commit, CancellationToken cancellation)
    {
        if (await commit.ReadPointerAsync(cancellation) is { } now && (start.Pointer is null || now.CheckpointId != start.Pointer.CheckpointId || now.LifeId != start.Pointer.LifeId))
        {
            throw new JobException(JobFailure.Fenced, $"Another life of the job committed checkpoint {now.CheckpointId} meanwhile.");
        }
    }
}
