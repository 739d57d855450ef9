namespace Weir.Connectors.Kafka.Retention;

/// <summary>Foretells from how a partition's start moved when it will pass a position. Pure; what a topic deletes by age is <see cref="ExpirySearch"/>'s.</summary>
/// <remarks>
/// A log's start stands still, and then moves by a whole segment. So its moves count, not its looks: a line through them meets every move, and the start is
/// never ahead of it. Where the line reaches the position is thus the earliest moment, and the next move after it the likely one.
/// </remarks>
internal sealed class RetentionForecast
{
    /// <summary>Moves that the speed is taken from: enough to even out segments of different size, few enough to follow a producer that changes its rate.</summary>
    private const int MovesMax = 16;

    private readonly Queue<(TimeSpan At, long Start)> _moves = new();
    private (TimeSpan At, long Start, long End)? _first;
    private (TimeSpan At, long Start, long End) _last;

    /// <summary>Notes what a look found.</summary>
    /// <param name="at">When; never before the last one.</param>
    /// <param name="start">The first offset that is kept.</param>
    /// <param name="end">The offset that the next record gets.</param>
    public void Look(TimeSpan at, long start, long end)
    {
        if (_first is null)
        {
            _first = (at, start, end);
        }
        else if (start > _last.Start)
        {
            if (_moves.Count == MovesMax)
            {
                _moves.Dequeue();
            }
            _moves.Enqueue((at, start));
        }
        _last = (at, start, end);
    }

    /// <summary>The time until the start passes a position, seen from the last look; null where nothing says that it will.</summary>
    public TimeSpan? Until(long position)
    {
        if (position < _last.Start)
        {
            return TimeSpan.Zero;
        }
        return _moves.Count switch
        {
            0 => null,
            1 => FromOneMove(position),
            _ => FromMoves(position),
        };
    }

    /// <summary>One move has a size, but no speed yet. In the long run a log loses no more than it gets, so what comes in bounds it.</summary>
    private TimeSpan? FromOneMove(long position)
    {
        var (at, start, end) = _first!.Value;
        var move = _moves.Peek();
        double speed = Math.Min((move.Start - start) / (move.At - at).TotalSeconds, (_last.End - end) / (_last.At - at).TotalSeconds);
        return In(((position - move.Start) / speed) - (_last.At - move.At).TotalSeconds);
    }

    private TimeSpan? FromMoves(long position)
    {
        var first = _moves.Peek();
        var last = _moves.Last();
        double step = (last.At - first.At).TotalSeconds / (_moves.Count - 1);
        double since = (_last.At - last.At).TotalSeconds;
        // A move that is overdue slows the line down, so that an old burst is forgotten.
        double took = (last.At - first.At).TotalSeconds + Math.Max(0, since - step);
        double speed = (last.Start - first.Start) / took;
        return In(((position - last.Start) / speed) - Math.Min(since, step));
    }

    private static TimeSpan? In(double seconds) => seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(Math.Max(0, seconds)) : null;
}
