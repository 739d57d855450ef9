namespace Weir.StateStore;

/// <summary>What was found, and what was asked for, when a job with Kafka starts.</summary>
public sealed record StartSituation
{
    /// <summary>The job's name, for sentences.</summary>
    public required string Job { get; init; }

    /// <summary>The last committed pointer of the slot; null where there is none.</summary>
    public CheckpointPointer? Latest { get; init; }

    /// <summary>The slot's checkpoint folders in the store.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>Whether the consumer group has committed offsets.</summary>
    public bool GroupHasOffsets { get; init; }

    /// <summary>Whether sources start from the group's offsets by configuration: then offsets without a pointer are no riddle.</summary>
    public bool StartModeIsGroup { get; init; }

    /// <summary>The path of <c>--from</c>; null where it was not given.</summary>
    public string? From { get; init; }

    /// <summary>The number of the checkpoint that lies there, from its metadata; null for a savepoint that no number orders.</summary>
    public long? FromCheckpointId { get; init; }

    /// <summary>Whether <c>--first-start</c> was given.</summary>
    public bool AskedForFirstStart { get; init; }

    /// <summary>Whether <c>--accept-duplicates</c> was given.</summary>
    public bool AcceptsDuplicates { get; init; }
}
