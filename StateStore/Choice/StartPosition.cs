namespace Weir.StateStore;

/// <summary>Where a split is read from.</summary>
/// <param name="Source">The source's operator id.</param>
/// <param name="Split">The split's name, e.g. topic and partition.</param>
/// <param name="Position">The next to read, e.g. an offset.</param>
/// <param name="StopAt">The first record not to be read, where the source is bounded.</param>
/// <param name="StopRule">What the stop was resolved by, in the source's words; null where it says nothing.</param>
public sealed record StartPosition(string Source, string Split, long Position, long? StopAt = null, string? StopRule = null);
