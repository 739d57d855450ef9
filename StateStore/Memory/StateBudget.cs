namespace Weir.StateStore;

/// <summary>What the keyed states of one attempt may take together.</summary>
/// <param name="tables">For what they hold.</param>
/// <param name="copies">For what was written to while a snapshot was stored, as it was before.</param>
/// <param name="tooLarge">Told once, on the thread that took too much: <paramref name="tables"/> is used up. What was asked for was given all the same, so that no table is left half changed.</param>
/// <remarks>Thread: any.</remarks>
internal sealed class StateBudget(MemoryShare tables, MemoryShare copies, Action tooLarge)
{
    private int _said;

    /// <summary>As much as the machine has.</summary>
    public static StateBudget Unbounded { get; } = new(new MemoryShare(), new MemoryShare(), static () => { });

    public MemoryShare Tables => tables;

    public MemoryShare Copies => copies;

    public void SayTooLarge()
    {
        if (Interlocked.Exchange(ref _said, 1) == 0)
        {
            tooLarge();
        }
    }
}
