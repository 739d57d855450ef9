namespace Weir.Tests.Graph;

/// <summary>A clock that a test moves, in ticks of a microsecond; timers fire when it passes them.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private TimeSpan _now;

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => (long)(_now.TotalSeconds * TimestampFrequency);

    public int TimersSet { get; private set; }

    public void Advance(double ms)
    {
        _now += TimeSpan.FromMilliseconds(ms);
        foreach (var timer in _timers.Where(timer => timer.DueAt <= _now).ToList())
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        _timers.Add(timer);
        return timer;
    }

    private sealed class Timer(ManualTime time, Action callback) : ITimer
    {
        public TimeSpan? DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool isSet = dueTime != Timeout.InfiniteTimeSpan;
            time.TimersSet += isSet ? 1 : 0;
            DueAt = isSet ? time._now + dueTime : null;
            return true;
        }

        public void Fire()
        {
            DueAt = null;
            callback();
        }

        public void Dispose() => time._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
