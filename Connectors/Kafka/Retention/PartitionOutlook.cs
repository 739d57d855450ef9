using Weir.Runtime;

namespace Weir.Connectors.Kafka.Retention;

/// <summary>How long one partition keeps a record, as far as its bounds tell; what its age tells is <see cref="ExpirySearch"/>'s. Pure.</summary>
internal sealed class PartitionOutlook
{
    /// <summary>Looks that the rate is taken from: four minutes at the usual pace, which evens out bursts and follows a producer that changes.</summary>
    private const int LooksMax = 16;

    private readonly RetentionForecast _moves = new();
    private readonly Queue<(TimeSpan At, long End)> _looks = new();
    private long _start;
    private long _end;

    /// <summary>Its need, as it was seen last.</summary>
    public SlackLevel Level { get; set; }

    /// <summary>Whether what is read next of it was in need, as it was seen last.</summary>
    public bool IsReadingInNeed { get; set; }

    /// <summary>Records appended in a second; null where that is not known yet.</summary>
    public double? AppendedPerSecond { get; private set; }

    /// <summary>Notes what a look found.</summary>
    /// <param name="at">When; never before the last one.</param>
    /// <param name="start">The first offset that is kept.</param>
    /// <param name="end">The offset that the next record gets.</param>
    public void Look(TimeSpan at, long start, long end)
    {
        _moves.Look(at, start, end);
        (_start, _end) = (start, end);
        if (_looks.Count == LooksMax)
        {
            _looks.Dequeue();
        }
        _looks.Enqueue((at, end));
        var first = _looks.Peek();
        AppendedPerSecond = at > first.At ? (end - first.End) / (at - first.At).TotalSeconds : null;
    }

    /// <summary>How long a record that is appended now stays until others push it out; null where none do.</summary>
    public TimeSpan? Kept(SizeBound? size, double? bytesEach) => UntilFull(_end, size, bytesEach);

    /// <summary>The time at least until a position is deleted, by size or as the start moved so far; null where nothing says that it will be.</summary>
    public TimeSpan? Until(long position, SizeBound? size, double? bytesEach) => Least(_moves.Until(position), UntilFull(position, size, bytesEach));

    /// <summary>The lesser of two, each of which may be without end.</summary>
    public static TimeSpan? Least(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private TimeSpan? UntilFull(long position, SizeBound? size, double? bytesEach)
    {
        if (size is null || AppendedPerSecond is not > 0)
        {
            return null;
        }
        double seconds = (size.Room(_end - _start, bytesEach) - (_end - position)) / AppendedPerSecond.Value;
        return seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(Math.Max(0, seconds)) : null;
    }
}
