namespace Weir.Connectors.Kafka.Retention;

/// <summary>How much a partition may hold before its oldest segments go, whatever their age. Pure.</summary>
/// <remarks>
/// No call says how many bytes a partition takes on its broker's disk, so it is bounded from both sides. A log never holds more than this and one segment, so that there is
/// room at least for as many records as lie in it, less a segment's share; and for as many as fit if none were compressed. The greater of the two is foretold: never
/// more than there is, and nearly all of it for a log that is full, or not compressed. Headers are not counted: where most of a record is headers, and the log is not full, too much is foretold.
/// </remarks>
/// <param name="Bytes">The topic's <c>retention.bytes</c>.</param>
/// <param name="SegmentBytes">Its <c>segment.bytes</c>.</param>
internal sealed record SizeBound(long Bytes, long SegmentBytes)
{
    /// <summary>What a record takes beside key and value at most: a batch of its own.</summary>
    private const int Overhead = 80;

    /// <summary>Records that there is room for, at least.</summary>
    /// <param name="held">Records in the log now.</param>
    /// <param name="bytesEach">Key and value of a record, on average, as far as any was read; else null.</param>
    public double Room(long held, double? bytesEach) =>
        Math.Max(held * (Bytes / ((double)Bytes + SegmentBytes)), bytesEach is { } each ? Bytes / (each + Overhead) : 0);
}
