using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>What a coordinator works with.</summary>
internal sealed class CoordinatorParts
{
    public required JobSettings Settings { get; init; }

    public required int Slot { get; init; }

    public required string LifeId { get; init; }

    public required IExecutor Executor { get; init; }

    public required ICheckpointStorage Storage { get; init; }

    public required ICheckpointCommit Commit { get; init; }

    /// <summary>The mode of a checkpoint that begins now, where nothing else decides.</summary>
    public required Func<CheckpointMode> Mode { get; init; }

    /// <summary>Told of the first record, once for each source subtask.</summary>
    public required Action FirstRecord { get; init; }

    /// <summary>A subtask, by its name, was at a record, or a few, for long.</summary>
    public required Action<string, TimeSpan> SteppedLong { get; init; }

    /// <summary>A checkpoint is the one that counts.</summary>
    public required Action<CheckpointReport, Checkpoint> Completed { get; init; }

    /// <summary>A checkpoint was given up.</summary>
    public required Action<CheckpointReport> GivenUp { get; init; }

    /// <summary>A checkpoint that may not be given up any more waits for storage that failed, and why; told once for each.</summary>
    public required Action<long, string> Waits { get; init; }

    /// <summary>The attempt ends with a checkpoint under way.</summary>
    public required Action<CheckpointReport> Interrupted { get; init; }

    /// <summary>Where savepoints are ordered.</summary>
    public required SavepointDesk Savepoints { get; init; }
}

/// <summary>What an attempt's positions belong to; stored with each checkpoint.</summary>
/// <param name="ClusterId">The cluster; null where there is none.</param>
/// <param name="Logs">The ids of the logs that are read, by name.</param>
internal sealed record CheckpointOrigin(string? ClusterId, IReadOnlyDictionary<string, string> Logs);

/// <summary>What an attempt continues from.</summary>
/// <param name="CheckpointId">The committed checkpoint.</param>
/// <param name="InFlightRecords">Records of its in-flight data.</param>
internal sealed record Restored(long CheckpointId, long InFlightRecords);
