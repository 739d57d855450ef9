using System.Globalization;

namespace Weir.Runtime;

/// <summary>How much time is left until what a restart would read next of a source is deleted from its log.</summary>
/// <param name="Source">The source's name in the job.</param>
/// <param name="Split">The split of it that has the least time left.</param>
/// <param name="Left">The time at least; zero where it may be deleted at any moment, or is.</param>
/// <param name="Level">What follows.</param>
public sealed record RestartSlack(string Source, string Split, TimeSpan Left, SlackLevel Level)
{
    /// <summary>When that is, for people: <c>in 2 h 10 min</c>.</summary>
    public string Forecast => Foretold(Left);

    /// <summary>A time that is left, for people.</summary>
    public static string Foretold(TimeSpan left) => left switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"in {left.Days} d {left.Hours} h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"in {(int)left.TotalHours} h {left.Minutes} min"),
        { TotalMinutes: >= 5 } => string.Create(CultureInfo.InvariantCulture, $"in {left.Minutes} min"),
        { TotalSeconds: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"in {(int)left.TotalSeconds} s"),
        _ => "at any moment",
    };
}

/// <summary>What little time means for a job. The order is that of need.</summary>
public enum SlackLevel
{
    /// <summary>There is enough.</summary>
    Fine,

    /// <summary>A checkpoint is taken at once, so that a restart begins later in the log.</summary>
    Urgent,

    /// <summary>Checkpoints alone may not help any more: the job's health says so, and somebody should come.</summary>
    Degraded,
}
