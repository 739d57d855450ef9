namespace Weir.Testing;

/// <summary>A clock that the simulation moves; timers go off in their order when it does.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<(Timer Timer, int Version), (long At, long Number)> _due = new();
    private long _number;

    public long Ticks { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => Ticks;

    public override DateTimeOffset GetUtcNow() => Epoch.AddTicks(Ticks);

    public void Advance(long ticks) => Ticks += ticks;

    /// <summary>When the next timer goes off, in ticks; null where none is set.</summary>
    public long? NextAt
    {
        get
        {
            while (_due.TryPeek(out var due, out var when))
            {
                if (due.Timer.Version == due.Version)
                {
                    return when.At;
                }
                _due.Dequeue();
            }
            return null;
        }
    }

    public bool HasDue => NextAt is { } at && at <= Ticks;

    /// <summary>Runs one timer that is due now.</summary>
    public bool RunDue() => HasDue && Run();

    /// <summary>Moves to the next timer and runs it.</summary>
    public bool RunNext()
    {
        if (NextAt is not { } at)
        {
            return false;
        }
        Ticks = Math.Max(Ticks, at);
        return Run();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private bool Run()
    {
        var (timer, _) = _due.Dequeue();
        timer.GoOff();
        return true;
    }

    private sealed class Timer(SimulatedTime time, Action callback) : ITimer
    {
        private TimeSpan _period;

        public int Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Version++;
            _period = period;
            if (dueTime >= TimeSpan.Zero)
            {
                time._due.Enqueue((this, Version), (time.Ticks + dueTime.Ticks, time._number++));
            }
            return true;
        }

        public void GoOff()
        {
            Version++;
            if (_period > TimeSpan.Zero)
            {
                Change(_period, _period);
            }
            callback();
        }

        public void Dispose() => Version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
