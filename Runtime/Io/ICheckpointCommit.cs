using Weir.StateStore;

namespace Weir.Runtime;

/// <summary>The port through which a checkpoint becomes the one that counts. With Kafka the transaction's commit is the checkpoint's commit.</summary>
/// <remarks>One an attempt. Calls come one at a time, from the coordinator, in the order of the members. Protocol: docs/exactly-once.md.</remarks>
public interface ICheckpointCommit : IAsyncDisposable
{
    /// <summary>Takes the job's slot, fencing whoever had it, and only then reads the pointer.</summary>
    Task<CommitStart> StartAsync(CancellationToken cancellation);

    /// <summary>Reads the pointer once more: another than before says that another life overtook this one.</summary>
    Task<CheckpointPointer?> ReadPointerAsync(CancellationToken cancellation);

    /// <summary>Commits pointer 0: where a first start begins. False asks for a new Start, since the outcome or the epoch is in doubt.</summary>
    Task<bool> CommitFirstAsync(CheckpointPointer pointer, CancellationToken cancellation);

    /// <summary>Compares the positions of the checkpoint that is restored with what else was committed of them, and warns where they differ; the checkpoint holds.</summary>
    void Compare(IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions);

    /// <summary>Begins the first transaction of this life; from here on sinks may write.</summary>
    Task BeginAsync(CancellationToken cancellation);

    /// <summary>Completes when the sinks may switch: the last commit is done, the stagings are empty, the other transaction's producer is there.</summary>
    /// <exception cref="JobException">The open transaction is too old for another checkpoint; the attempt ends.</exception>
    Task MaySwitchAsync(CancellationToken cancellation);

    /// <summary>Every sink subtask has switched: flushes what came before, begins the next transaction, releases the stagings.</summary>
    Task SwitchAsync(long checkpoint, CancellationToken cancellation);

    /// <summary>Puts pointer and source positions into the transaction that is about to be committed.</summary>
    Task PrepareAsync(CheckpointPointer pointer, IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions, CancellationToken cancellation);

    /// <summary>Commits; called when every file of the checkpoint is durable. Tries until the transaction's timeout.</summary>
    /// <exception cref="JobException">The outcome is unknown or the transaction is lost: only a new Start tells what holds.</exception>
    Task CommitAsync(CheckpointPointer pointer, CancellationToken cancellation);

    /// <summary>Whether the open transaction has used up so much of its life that the next checkpoint must not wait for barriers.</summary>
    bool IsPressed => false;

    /// <summary>Whether what is committed beside the pointer must be committed again, since others forget it with time: a checkpoint is then taken though nothing changed. Looked at once an interval.</summary>
    bool IsAging => false;

    /// <summary>Until when uploads may be tried again after the switch; null while nothing bounds them.</summary>
    DateTimeOffset? UploadDeadline { get; }
}

/// <summary>What a Start found.</summary>
/// <param name="Pointer">The committed pointer; null where there is none.</param>
/// <param name="GroupHasOffsets">Whether the job's consumer group has committed offsets, so that the job did run once.</param>
/// <param name="ClusterId">The cluster that holds the commits; null where there is none.</param>
public sealed record CommitStart(CheckpointPointer? Pointer, bool GroupHasOffsets, string? ClusterId);
