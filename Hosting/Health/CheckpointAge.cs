namespace Weir.Hosting;

/// <summary>How long a job has had something that no checkpoint covers. A job that reads nothing takes no checkpoints, and does not age.</summary>
/// <remarks>Thread: any, under a lock. The age counts from the first look that saw the change.</remarks>
internal sealed class CheckpointAge
{
    private readonly Lock _lock = new();
    private long _covered;
    private DateTimeOffset? _changedAt;

    /// <summary>A checkpoint completed when so many records had been taken.</summary>
    public void Covered(long records)
    {
        lock (_lock)
        {
            _covered = records;
            _changedAt = null;
        }
    }

    /// <summary>The age now.</summary>
    /// <param name="records">Records taken so far.</param>
    /// <param name="now">The time.</param>
    public TimeSpan Of(long records, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (records == _covered)
            {
                return TimeSpan.Zero;
            }
            _changedAt ??= now;
            return now - _changedAt.Value;
        }
    }
}
