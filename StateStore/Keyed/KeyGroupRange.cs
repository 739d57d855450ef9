namespace Weir.StateStore;

/// <summary>Neighbouring key groups: what one subtask owns.</summary>
/// <param name="First">The first one.</param>
/// <param name="Last">The last one; one less than the first where there is none.</param>
public readonly record struct KeyGroupRange(int First, int Last)
{
    /// <summary>How many key groups.</summary>
    public int Count => Last - First + 1;

    /// <summary>Whether a key group is among them.</summary>
    public bool Contains(int keyGroup) => keyGroup >= First && keyGroup <= Last;

    /// <summary>Whether the two have a key group in common.</summary>
    public bool Overlaps(KeyGroupRange other) => First <= other.Last && other.First <= Last;
}
