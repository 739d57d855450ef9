namespace Weir.Runtime.Checkpointing;

/// <summary>What a subtask does for a checkpoint, as far as a report tells when.</summary>
internal enum SubtaskStep
{
    /// <summary>It saw a barrier, or was triggered.</summary>
    BarrierSeen,

    /// <summary>It was ready to switch.</summary>
    Ready,

    /// <summary>Its snapshot began.</summary>
    SnapshotBegan,

    /// <summary>What its state was is kept: it may go on.</summary>
    SnapshotTaken,

    /// <summary>The last of its barriers has come.</summary>
    BarriersComplete,

    /// <summary>Its state was written.</summary>
    StateWritten,

    /// <summary>What was in flight was written.</summary>
    InFlightWritten,

    /// <summary>The coordinator heard that all of it was written.</summary>
    Acknowledged,
}

/// <summary>When one subtask did what for one checkpoint, by the executor's clock.</summary>
/// <remarks>Thread: the subtask's, its writers' and the coordinator's, each for its own steps; read at any time, so that a report can be made whatever became of the rest.</remarks>
internal sealed class SubtaskTimes
{
    private const long NotYet = long.MinValue; // A clock may begin at 0.

    private readonly long[] _at = [.. Enumerable.Repeat(NotYet, Enum.GetValues<SubtaskStep>().Length)];
    private readonly long[] _bytes = new long[Enum.GetValues<SubtaskStep>().Length];
    private volatile bool _wasUnaligned;

    /// <summary>How the barriers were met that the snapshot was taken at; null before it was.</summary>
    public CheckpointMode? Mode => this[SubtaskStep.SnapshotBegan] is null ? null : _wasUnaligned ? CheckpointMode.Unaligned : CheckpointMode.Aligned;

    /// <summary>The timestamp of a step; null before it.</summary>
    public long? this[SubtaskStep step] => Volatile.Read(ref _at[(int)step]) is var at && at == NotYet ? null : at;

    /// <summary>Bytes that the subtask took from its inputs between its first barrier and its last; 0 before that.</summary>
    public long ProcessedBytes => this[SubtaskStep.BarriersComplete] is null ? 0 : _bytes[(int)SubtaskStep.BarriersComplete] - _bytes[(int)SubtaskStep.BarrierSeen];

    /// <summary>Notes a step; of one that is noted again the first time holds.</summary>
    public void Note(SubtaskStep step, long timestamp) => Interlocked.CompareExchange(ref _at[(int)step], timestamp, NotYet);

    /// <summary>The same, with the bytes that the subtask has taken from its inputs by then. The subtask's thread.</summary>
    public void Note(SubtaskStep step, long timestamp, long bytesTaken)
    {
        if (this[step] is null)
        {
            _bytes[(int)step] = bytesTaken;
            Note(step, timestamp);
        }
    }

    /// <summary>Notes that a snapshot begins.</summary>
    public void NoteSnapshot(CheckpointMode mode, long timestamp)
    {
        _wasUnaligned = mode == CheckpointMode.Unaligned;
        Note(SubtaskStep.SnapshotBegan, timestamp);
    }
}
