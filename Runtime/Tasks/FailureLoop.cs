namespace Weir.Runtime.Tasks;

/// <summary>Notices a job that fails again and again of the same cause: a record that no attempt gets past.</summary>
/// <remarks>Only the job's own code counts. What a broker or a store does may last, and is waited for.</remarks>
/// <param name="most">How often a cause may show, the last time included; null sets no limit.</param>
/// <param name="within">In how long a time.</param>
internal sealed class FailureLoop(int? most, TimeSpan within)
{
    // A job with more causes than this has other troubles.
    private const int CausesMax = 32;

    private readonly Dictionary<string, Queue<DateTimeOffset>> _times = new(StringComparer.Ordinal);

    /// <summary>Takes a failure.</summary>
    /// <param name="cause">What broke, as <see cref="JobException.Cause"/> has it; null counts for nothing.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it has come too often.</returns>
    public bool Closes(string? cause, DateTimeOffset now)
    {
        if (cause is null || most is not { } limit)
        {
            return false;
        }
        if (!_times.TryGetValue(cause, out var times))
        {
            if (_times.Count == CausesMax)
            {
                _times.Clear();
            }
            _times.Add(cause, times = []);
        }
        times.Enqueue(now);
        while (times.Peek() < now - within)
        {
            times.Dequeue();
        }
        return times.Count >= limit;
    }
}
