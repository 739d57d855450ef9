namespace Weir.StateStore;

/// <summary>What a start begins from: one of the four cases below.</summary>
public abstract record RestoreChoice
{
    private protected RestoreChoice()
    {
    }
}

/// <summary>There was nothing before: pointer 0 is committed, and the sources' start positions hold.</summary>
/// <param name="Asked">Whether it was asked for by <c>--first-start</c>, and so may leave a pointer, checkpoints or offsets behind.</param>
public sealed record FirstStart(bool Asked) : RestoreChoice;

/// <summary>The latest checkpoint that counts.</summary>
/// <param name="Latest">It, or pointer 0.</param>
public sealed record RestorePointer(CheckpointPointer Latest) : RestoreChoice;

/// <summary>The checkpoint or savepoint that was asked for by <c>--from</c>.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="OlderThanPointer">
/// Not null: the pointer in force, which is newer, so that output repeats from the path's positions on; the user accepted that.
/// </param>
public sealed record RestorePath(string Path, CheckpointPointer? OlderThanPointer) : RestoreChoice;

/// <summary>Somebody has to say what to do.</summary>
/// <param name="Sentence">Why, and the ways out.</param>
public sealed record RefuseStart(string Sentence) : RestoreChoice;
