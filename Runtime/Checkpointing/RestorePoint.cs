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
        var choice = CheckpointChoice.Choose(new StartSituation
        {
            Job = settings.Name,
            Latest = start.Pointer,
            Folders = found,
            GroupHasOffsets = start.GroupHasOffsets,
            StartModeIsGroup = startsFromOwnGroup && (parts.IsFirstChoice || start.Pointer is null),
            AskedForFirstStart = settings.FirstStart && parts.IsFirstChoice,
        });
        switch (choice)
        {
            case FirstStart:
                return new RestorePoint { CheckpointId = 0, IsFirstStart = true };
            case RefuseStart refused:
                await RefuseUnlessOvertakenAsync(start, commit, cancellation);
                throw new JobException(JobFailure.Configuration, refused.Sentence);
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

    /// <summary>Pointer 0 of a first start.</summary>
    public CheckpointPointer ToPointer(string life) => new()
    {
        CheckpointId = CheckpointId,
        Location = "",
        LifeId = life,
        PreviousId = null,
        StartPositions = [.. Positions.SelectMany(one => one.Splits.Select(split => new StartPosition(one.Source, split.Split, split.Position, split.StopAt)))],
        Topics = Logs,
    };

    private static RestorePoint FromPointer0(AttemptParts parts, CheckpointPointer pointer)
    {
        var positions = new List<SubtaskSplits>();
        foreach (var task in parts.Plan.Tasks.Where(task => task.StartsWithSource))
        {
            var splits = pointer.StartPositions.Where(start => start.Source == task.Head.Id).Select(start => new SplitPosition(start.Split, start.Position, start.StopAt));
            positions.AddRange(SplitDeal.Deal(task.Head.Id, [.. splits], task.Parallelism));
        }
        return new RestorePoint { CheckpointId = pointer.CheckpointId, Positions = positions, Logs = pointer.Topics };
    }

    private static async Task<RestorePoint> LoadAsync(AttemptParts parts, CommitStart start, CheckpointPointer pointer, ICheckpointCommit commit, CancellationToken cancellation)
    {
        CheckpointMetadata metadata;
        try
        {
            string name = CheckpointPaths.MetadataFile(pointer.Location);
            long length = await parts.Storage.LengthAsync(name, cancellation)
                ?? throw new CheckpointStorageException(StorageFailure.Missing, name, $"{name} is not in {parts.Storage.Location}.");
            metadata = CheckpointMetadata.Parse(await parts.Storage.ReadAsync(name, 0, checked((int)length), cancellation), name);
        }
        catch (CheckpointStorageException broken) when (broken.Reason is StorageFailure.Damaged or StorageFailure.Missing or StorageFailure.OtherFormat)
        {
            await RefuseUnlessOvertakenAsync(start, commit, cancellation);
            throw Broken(pointer.CheckpointId, broken.Message, broken);
        }
        Invariant.Holds(metadata.CheckpointId == pointer.CheckpointId && metadata.LifeId == pointer.LifeId);
        if (start.ClusterId != metadata.ClusterId)
        {
            throw new JobException(JobFailure.Configuration, $"Checkpoint {pointer.CheckpointId} belongs to cluster {metadata.ClusterId}, and this is cluster {start.ClusterId}: offsets of one mean nothing in the other.");
        }
        bool drops = parts.Drop.Holds(pointer.CheckpointId);
        var plan = RestorePlan.Of(parts.Plan, metadata, parts.Slot, drops);
        if (plan.Refusals.Count > 0)
        {
            throw new JobException(JobFailure.Configuration, string.Join(Environment.NewLine, plan.Refusals));
        }
        foreach (var found in plan.Findings)
        {
            parts.Logger.Restores(found.Action is RestoreAction.Dropped ? LogLevel.Warning : found.Action is RestoreAction.Kept ? LogLevel.Debug : LogLevel.Information, parts.Plan.Settings.Name, pointer.CheckpointId, found.Action, found.Sentence);
        }
        return new RestorePoint
        {
            CheckpointId = pointer.CheckpointId,
            Folder = pointer.Location,
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
            .Select(subtask => new SubtaskSplits(stored.Id, subtask.Index, [.. subtask.Splits.Select(split => new SplitPosition(split.Split, split.Position, split.StopAt))]))
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
