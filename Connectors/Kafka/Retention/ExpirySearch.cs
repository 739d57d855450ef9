namespace Weir.Connectors.Kafka.Retention;

/// <summary>Finds how long a position is still kept by age, by asking for the first record at or after a time, and halving. Pure: the caller asks.</summary>
/// <remarks>
/// Brokers delete segments oldest first, as long as the newest record of the oldest is older than retention allows. So if the first record of a time or later
/// lies at or before the position, neither is deleted before that record expires, however the times before it lie. If it lies behind, the position may go as soon as
/// its own record expires. What is found is therefore the least time that is left.
/// </remarks>
/// <param name="position">The next record to read; there is one.</param>
/// <param name="expiredMs">Records of this time expire now, in ms since 1970.</param>
/// <param name="horizon">How far to look.</param>
internal sealed class ExpirySearch(long position, long expiredMs, TimeSpan horizon)
{
    /// <summary>Into how many parts the horizon is cut: of two hours, each is a minute.</summary>
    private const int Parts = 128;

    private double _kept;
    private double? _lost;
    private bool _hasAsked;

    /// <summary>Whether it is known as well as it has to be.</summary>
    public bool IsDone => _hasAsked && (_lost is null || _lost - _kept <= horizon.TotalMilliseconds / Parts);

    /// <summary>The time to ask for, in ms since 1970: first the horizon's, then the middle of what is left.</summary>
    public long AskMs => Math.Max(0, expiredMs + (long)Asked);

    /// <summary>The time that is left at least; null where it is more than the horizon.</summary>
    public TimeSpan? Left => _lost is null ? null : TimeSpan.FromMilliseconds(_kept);

    private double Asked => _lost is { } lost ? (_kept + lost) / 2 : horizon.TotalMilliseconds;

    /// <summary>Takes the answer to <see cref="AskMs"/>.</summary>
    /// <param name="offset">The first offset at or after that time; less than zero where there is none.</param>
    public void Answer(long offset)
    {
        double asked = Asked;
        if (offset >= 0 && offset <= position)
        {
            _kept = asked;
        }
        else
        {
            _lost = asked;
        }
        _hasAsked = true;
    }
}
