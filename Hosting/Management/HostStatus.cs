using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>What a running program says of itself: the document at <c>/jobs</c>.</summary>
internal sealed record HostStatus
{
    /// <summary>Weir's release.</summary>
    public required string Version { get; init; }

    public required int ProcessId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Where its checkpoints lie.</summary>
    public required string Store { get; init; }

    public required IReadOnlyList<RunningJob> Jobs { get; init; }

    /// <summary>What it takes of memory, and may; null of a release that did not say so.</summary>
    public MemoryEntry? Memory { get; init; }
}

/// <param name="BudgetBytes">What its jobs may take together.</param>
/// <param name="ProcessBytes">What the process takes, all in all.</param>
/// <param name="Parts">What its parts take, and may.</param>
internal sealed record MemoryEntry(long BudgetBytes, long ProcessBytes, IReadOnlyList<MemoryPart> Parts);

/// <summary>Where one job stands.</summary>
internal sealed record RunningJob
{
    public required string Name { get; init; }

    public required JobPhase Phase { get; init; }

    /// <summary>Why it has failed for good.</summary>
    public string? Failure { get; init; }

    /// <summary>Since it began, restarts included; null before.</summary>
    public double? UptimeSeconds { get; init; }

    /// <summary>Records taken from sources since the process started.</summary>
    public required long RecordsIn { get; init; }

    /// <summary>Records given to sinks since the process started.</summary>
    public required long RecordsOut { get; init; }

    /// <summary>Attempts that failed.</summary>
    public required int Restarts { get; init; }

    /// <summary>Records that wait in the sources; null where none knows.</summary>
    public long? Lag { get; init; }

    public required double CheckpointIntervalMs { get; init; }

    /// <summary>The last one that was committed in this process.</summary>
    public LastCheckpoint? LastCheckpoint { get; init; }

    /// <summary>Checkpoints that were given up, since the process started.</summary>
    public required int FailedCheckpoints { get; init; }

    /// <summary>How long there has been something that no checkpoint covers.</summary>
    public required double UncoveredSeconds { get; init; }

    /// <summary>Why the last checkpoint was given up, or waits.</summary>
    public string? CheckpointTrouble { get; init; }

    /// <summary>The subtask that has been at one record for longest.</summary>
    public StuckEntry? Stuck { get; init; }

    /// <summary>The least time until what a restart would read next is deleted; null while no end is in sight.</summary>
    public SlackEntry? Slack { get; init; }

    /// <summary>Bytes that lie in its spill file.</summary>
    public required long SpilledBytes { get; init; }
}

/// <param name="Id">Its number.</param>
/// <param name="CompletedAt">When it counted.</param>
/// <param name="AgeSeconds">How long ago that was.</param>
/// <param name="DurationMs">From trigger to its end.</param>
/// <param name="Mode">How its barriers met queued data, in the end.</param>
/// <param name="StateBytes">Bytes of state stored.</param>
/// <param name="InFlightBytes">Bytes of records in flight, written or referenced.</param>
/// <param name="InFlightRecords">Their number.</param>
/// <param name="Verdict">What it waited for.</param>
internal sealed record LastCheckpoint(
    long Id, DateTimeOffset CompletedAt, double AgeSeconds, double DurationMs, CheckpointMode Mode, long StateBytes, long InFlightBytes, long InFlightRecords, string Verdict);

internal sealed record StuckEntry(string Subtask, double Seconds);

internal sealed record SlackEntry(string Source, string Split, double LeftSeconds, SlackLevel Level);

/// <summary>Reads the status of the program's jobs.</summary>
/// <remarks>Thread: any.</remarks>
internal sealed class HostStatusReading(JobHostedService jobs, JobRunFactory factory, MemoryUse memory, TimeProvider time)
{
    public HostStatus Read()
    {
        var now = time.GetUtcNow();
        return new HostStatus
        {
            Version = typeof(HostStatusReading).Assembly.GetName().Version?.ToString(3) ?? "",
            ProcessId = Environment.ProcessId,
            At = now,
            Store = factory.Location,
            Jobs = [.. jobs.Runs.Select(run => Of(run, now))],
            Memory = memory.Plan is { } plan ? new MemoryEntry(plan.Total, Environment.WorkingSet, memory.Parts()) : null,
        };
    }

    private static RunningJob Of(JobRun run, DateTimeOffset now)
    {
        var status = run.Status;
        return new RunningJob
        {
            Name = run.Name,
            Phase = status.Phase,
            Failure = run.Failure,
            UptimeSeconds = (now - run.BeganAt)?.TotalSeconds,
            RecordsIn = status.RecordsIn,
            RecordsOut = status.RecordsOut,
            Restarts = status.Restarts,
            Lag = status.Lag,
            CheckpointIntervalMs = run.Settings.CheckpointInterval.TotalMilliseconds,
            LastCheckpoint = status is { LastCheckpoint: { } last, LastCheckpointAt: { } at }
                ? new LastCheckpoint(last.Id, at, (now - at).TotalSeconds, last.Duration.TotalMilliseconds, last.Mode, last.StateBytes, last.InFlightBytes + last.ReferencedBytes, last.InFlightRecords, last.Verdict)
                : null,
            FailedCheckpoints = status.FailedCheckpoints,
            UncoveredSeconds = run.CheckpointAge.TotalSeconds,
            CheckpointTrouble = status.CheckpointTrouble,
            Stuck = status.Stuck is { } stuck ? new StuckEntry(stuck.Name, stuck.For.TotalSeconds) : null,
            Slack = status.Slack is { } slack ? new SlackEntry(slack.Source, slack.Split, slack.Left.TotalSeconds, slack.Level) : null,
            SpilledBytes = status.Overflow.SpilledBytes,
        };
    }
}
