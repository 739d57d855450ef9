namespace Weir.Runtime.Checkpointing;

/// <summary>What a restore does with one part of a checkpoint, or why it does not.</summary>
/// <param name="Action">What.</param>
/// <param name="Sentence">Names the part; where it is refused, with the reason and the way out.</param>
public sealed record RestoreFinding(RestoreAction Action, string Sentence)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Action}: {Sentence}";
}

/// <summary>What becomes of a part of a checkpoint.</summary>
public enum RestoreAction
{
    /// <summary>It goes back to the subtasks that had it.</summary>
    Kept,

    /// <summary>It is dealt anew: the number of subtasks has changed.</summary>
    Moved,

    /// <summary>It is read by the codec that wrote it, and turned into what the job reads now.</summary>
    Upgraded,

    /// <summary>The job has it, the checkpoint does not.</summary>
    New,

    /// <summary>It is left out, as was asked for.</summary>
    Dropped,

    /// <summary>It does not fit; nothing starts.</summary>
    Refused,
}
