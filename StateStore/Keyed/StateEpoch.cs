namespace Weir.StateStore;

/// <summary>The time of a subtask's keyed state, in snapshots: what was written since the last one bears the current epoch.</summary>
/// <remarks>
/// Thread: <see cref="Begin"/> on the one that steps the subtask; <see cref="End"/> on any. Holds: one snapshot is open at most.
/// </remarks>
internal sealed class StateEpoch
{
    private volatile StateSnapshot? _open;

    /// <summary>Written by the thread that steps the subtask only.</summary>
    public int Current { get; private set; } = 1;

    /// <summary>The snapshot that still needs old pages, or null.</summary>
    public StateSnapshot? Open => _open;

    public void Begin(StateSnapshot snapshot)
    {
        Invariant.Holds(_open is null);
        _open = snapshot;
        Current++;
    }

    public void End(StateSnapshot snapshot)
    {
        Invariant.Holds(_open == snapshot);
        _open = null;
    }
}
