namespace Weir.StateStore;

/// <summary>What a checkpoint took, part by part: where its time went, and what it stored.</summary>
/// <remarks>
/// In <c>_metadata</c> it says what was known when that was written: not how long its own files and the commit took. Times are spans of the
/// clock of the process that took the checkpoint; nothing is restored from them.
/// </remarks>
public sealed record ReportMetadata
{
    /// <summary>One sentence: which subtask was last, in which phase, and why.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>How old it was when it turned unaligned; null where it began so, or stayed aligned.</summary>
    public TimeSpan? TurnedAfter { get; init; }

    /// <summary>Every subtask, producers before their consumers.</summary>
    public IReadOnlyList<SubtaskReport> Subtasks { get; init; } = [];

    /// <summary>Every edge, also those that had nothing in flight.</summary>
    public IReadOnlyList<EdgeReport> Edges { get; init; } = [];
}

/// <summary>What a checkpoint took of one subtask. A time that is null did not come.</summary>
public sealed record SubtaskReport
{
    /// <summary>Its task: the ids of the operators that run as one.</summary>
    public required string Task { get; init; }

    /// <summary>Which of the task's subtasks, from 0.</summary>
    public required int Index { get; init; }

    /// <summary><c>aligned</c> or <c>unaligned</c>: how the barriers were met that it took its snapshot at; null where it took none.</summary>
    public string? Mode { get; init; }

    /// <summary>Whether it had processed all its input before: what is stored is its last state.</summary>
    public bool Finished { get; init; }

    /// <summary>From the trigger to the first barrier that it saw; at a source, to its turn. Long where it was busy with one record, or its producers were late.</summary>
    public TimeSpan? StartDelay { get; init; }

    /// <summary>From the first barrier that it saw to the last. Aligned, it then takes its snapshot; unaligned, it took it at the first, and stored what came until the last.</summary>
    public TimeSpan? Alignment { get; init; }

    /// <summary>From the trigger until it was ready to switch, where it ends in a transactional sink.</summary>
    public TimeSpan? ReadyAfter { get; init; }

    /// <summary>From the trigger to the switch, with which such a subtask takes its snapshot.</summary>
    public TimeSpan? SwitchedAfter { get; init; }

    /// <summary>From the trigger until it began to take its snapshot.</summary>
    public TimeSpan? SnapshotAfter { get; init; }

    /// <summary>The snapshot: the time in which it processed nothing.</summary>
    public TimeSpan? Sync { get; init; }

    /// <summary>From the snapshot until its state was written, beside its records.</summary>
    public TimeSpan? StateWrite { get; init; }

    /// <summary>From its last barrier until what was in flight was written, beside its records.</summary>
    public TimeSpan? InFlightWrite { get; init; }

    /// <summary>From the trigger until the coordinator knew that its part was written.</summary>
    public TimeSpan? AcknowledgedAfter { get; init; }

    /// <summary>Bytes that it took from its inputs between its first barrier and its last, about. Aligned, it processed them while it waited; unaligned, they are stored, too, where they came from channels whose barrier had not come.</summary>
    public long ProcessedBytes { get; init; }

    /// <summary>Bytes of keyed and operator state stored.</summary>
    public long StateBytes { get; init; }

    /// <summary>Records that its inputs had in flight, stored.</summary>
    public long InFlightRecords { get; init; }

    /// <summary>The bytes of them that were written.</summary>
    public long InFlightBytes { get; init; }

    /// <summary>The bytes of them that stay in files of earlier checkpoints.</summary>
    public long ReferencedBytes { get; init; }
}

/// <summary>What a checkpoint met on one edge, and stored of it.</summary>
public sealed record EdgeReport
{
    /// <summary>The edge, named by its operators.</summary>
    public required string EdgeId { get; init; }

    /// <summary>How records get across: <c>Hash</c>, <c>Rebalance</c> .. On a <c>Broadcast</c> edge barriers never overtake.</summary>
    public required string Kind { get; init; }

    /// <summary><c>unaligned</c> where barriers overtook, at one consumer at least; else <c>aligned</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Whether its producers waited for the barriers of a broadcast edge somewhere before them, so that theirs came late, whatever the mode.</summary>
    public bool IsLate { get; init; }

    /// <summary>How old the checkpoint was when barriers began to overtake here; null where they did from the start, or never.</summary>
    public TimeSpan? TurnedAfter { get; init; }

    /// <summary>Its channels.</summary>
    public required int Channels { get; init; }

    /// <summary>Those of them that had records in flight.</summary>
    public int ChannelsInFlight { get; init; }

    /// <summary>Records in flight, stored.</summary>
    public long InFlightRecords { get; init; }

    /// <summary>The bytes of them that were written.</summary>
    public long InFlightBytes { get; init; }

    /// <summary>The bytes of them that stay in files of earlier checkpoints.</summary>
    public long ReferencedBytes { get; init; }
}
