namespace Weir.Jobs;

/// <summary>A message whose content means nothing to the job.</summary>
/// <param name="Partition">The partition it was read from.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value; of length -1 where it has none.</param>
public readonly record struct CopiedMessage(int Partition, CopiedKey Key, Slice Value)
{
    /// <summary>Whether it has a value; one without is a tombstone.</summary>
    public bool HasValue => Value.Length >= 0;
}
