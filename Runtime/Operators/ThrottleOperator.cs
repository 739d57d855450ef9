namespace Weir.Runtime.Operators;

/// <summary>Lets at most so many records a second through one subtask: a bucket of tokens that fills with time, one token a record.</summary>
/// <remarks>
/// Thread: the one that steps the subtask; only the timer's callback comes from elsewhere. It never waits: without a token it is not ready,
/// and a timer wakes the subtask. A record that comes all the same (an operator before it makes many of one) goes through, on credit.
/// </remarks>
internal sealed class ThrottleOperator<T> : Collector<T>, IOperator
{
    // What may be saved: longer than a timer is late, so that a late wake-up costs no throughput; short enough to be no burst.
    private static readonly TimeSpan Saved = TimeSpan.FromMilliseconds(100);

    // At a high rate it rests so long at least, so that it does not set a timer for each record.
    private static readonly TimeSpan RestMin = TimeSpan.FromMilliseconds(5);

    private readonly double _perTick;
    private readonly double _capacity;
    private readonly SubtaskContext _subtask;
    private readonly Collector<T> _output;
    private readonly ITimer _timer;
    private double _tokens;
    private long _filledAt;
    private long _readyAt;
    private volatile bool _timerIsSet;

    public ThrottleOperator(string id, double recordsPerSecond, SubtaskContext subtask, Collector<T> output)
    {
        Id = id;
        _subtask = subtask;
        _output = output;
        _perTick = recordsPerSecond / subtask.Time.TimestampFrequency;
        _capacity = Math.Max(1, recordsPerSecond * Saved.TotalSeconds);
        _tokens = 1;
        _filledAt = _readyAt = subtask.Time.GetTimestamp();
        _timer = subtask.Time.CreateTimer(static it => ((ThrottleOperator<T>)it!).TimerFired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id { get; }

    public bool IsReady
    {
        get
        {
            if (_tokens >= 1)
            {
                return true;
            }
            long now = _subtask.Time.GetTimestamp();
            if (now < _readyAt)
            {
                SetTimer(now);
                return false;
            }
            Fill(now);
            if (_tokens < 1)
            {
                Rest(now);
            }
            return _tokens >= 1;
        }
    }

    public override void Emit(in T record)
    {
        _output.Emit(in record);
        if (--_tokens >= 1)
        {
            return;
        }
        long now = _subtask.Time.GetTimestamp();
        Fill(now);
        if (_tokens < 1)
        {
            _subtask.Record.StopAfterThis = true;
            Rest(now);
        }
    }

    public void Close() => _timer.Dispose();

    private void Fill(long now)
    {
        _tokens = Math.Min(_capacity, _tokens + ((now - _filledAt) * _perTick));
        _filledAt = now;
    }

    /// <summary>Not ready until there is a token again, and a while at least.</summary>
    private void Rest(long now)
    {
        long untilToken = (long)Math.Ceiling((1 - _tokens) / _perTick);
        long restMin = (long)(RestMin.TotalSeconds * _subtask.Time.TimestampFrequency);
        _readyAt = now + Math.Max(untilToken, Math.Min(restMin, (long)(_capacity / _perTick / 2)));
        SetTimer(now);
    }

    private void SetTimer(long now)
    {
        if (_timerIsSet)
        {
            return;
        }
        _timerIsSet = true;
        // Timers count whole milliseconds and cut off the rest; a wake-up before its time finds the throttle not ready, and sets it again.
        double ms = Math.Ceiling((_readyAt - now) * 1000.0 / _subtask.Time.TimestampFrequency);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(ms, 1, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }

    private void TimerFired()
    {
        _timerIsSet = false; // Before the wake-up: who sees that it is not time yet sets the timer again.
        _subtask.Wake();
    }
}
