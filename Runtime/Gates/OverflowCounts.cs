namespace Weir.Runtime.Gates;

/// <summary>How often the batches of a gate, or of all gates of a job, did not do for what one record made.</summary>
/// <param name="Overdrawn">Batches within the overdraft.</param>
/// <param name="InMemory">Batches beyond it that the memory budget held.</param>
/// <param name="Spilled">Batches beyond it whose records were spilled.</param>
internal readonly record struct OverflowCounts(long Overdrawn, long InMemory, long Spilled)
{
    public static OverflowCounts operator +(OverflowCounts one, OverflowCounts other) =>
        new(one.Overdrawn + other.Overdrawn, one.InMemory + other.InMemory, one.Spilled + other.Spilled);
}
