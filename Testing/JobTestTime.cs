using Weir.Runtime;

namespace Weir.Testing;

/// <summary>The clock of a <see cref="JobTest"/>: it stands still until the test moves it.</summary>
/// <remarks>It begins at 2026-01-01 00:00 UTC. Timers that were made before a crash never go off.</remarks>
public sealed class JobTestTime : TimeProvider
{
    private readonly Action<TimeSpan> _advance;

    internal JobTestTime(Action<TimeSpan> advance) => _advance = advance;

    /// <inheritdoc/>
    public override long TimestampFrequency => Life.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => Life.LocalTimeZone;

    /// <summary>The clock of the process that runs now.</summary>
    internal SimulatedTime Life { get; private set; } = new();

    /// <summary>Lets time pass, timer by timer in their order. Before it, and after each, the job runs until nothing more can be done.</summary>
    /// <param name="time">How much; not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    /// <exception cref="JobException">The job failed.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        _advance(time);
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => Life.GetTimestamp();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Life.GetUtcNow();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Life.CreateTimer(callback, state, dueTime, period);

    /// <summary>Another process begins, at the time it is.</summary>
    internal void Forget()
    {
        long now = Life.Ticks;
        Life = new SimulatedTime();
        Life.Advance(now);
    }
}
