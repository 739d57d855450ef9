namespace Weir.Runtime;

/// <summary>How far one split of a source was read: what a checkpoint keeps of it.</summary>
/// <param name="Split">The split's stable name; for Kafka <c>topic-partition</c>.</param>
/// <param name="Position">The next record to read.</param>
/// <param name="StopAt">The first record not to read, where the source is bounded.</param>
/// <param name="StopRule">What the stop was resolved by, in the source's words: a source that ends by another rule by now resolves it anew. Null where it says nothing.</param>
public readonly record struct SplitPosition(string Split, long Position, long? StopAt = null, string? StopRule = null);
