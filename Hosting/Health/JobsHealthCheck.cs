using Microsoft.Extensions.Diagnostics.HealthChecks;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Ready: every job processes, and none has gone long without a checkpoint it needs. Degraded: all do, but one may soon be unable to restart, hangs in a record, or has had no checkpoint when one was due.</summary>
internal sealed class JobsHealthCheck(JobHostedService jobs, ProgramNotice notice, MemoryUse memory) : IHealthCheck
{
    /// <summary>The tag of checks that say whether the program does its work.</summary>
    public const string ReadyTag = "ready";

    // Long enough for a call of an operator's that is tried again, and short enough for somebody to look.
    private static readonly TimeSpan StuckFrom = TimeSpan.FromSeconds(10);

    // Less than a scheduler's hiccup is nobody's concern.
    private static readonly TimeSpan LateBy = TimeSpan.FromSeconds(1);

    // Two may be late, or fail, without anybody being called.
    private const int IntervalsMax = 3;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = jobs.Runs.Select(Problem).OfType<string>().ToArray();
        var dangers = jobs.Runs.Select(run => Danger(run.Name, run.Status) ?? Late(run.Name, run.Status, run.Settings, run.CheckpointAge)).Append(memory.Danger()).OfType<string>().ToArray();
        return Task.FromResult(
            problems.Length > 0 ? HealthCheckResult.Unhealthy(string.Join(" ", problems))
            : jobs.Runs.Count == 0 ? HealthCheckResult.Unhealthy("No job runs.")
            : dangers.Length > 0 ? HealthCheckResult.Degraded(string.Join(" ", dangers))
            : HealthCheckResult.Healthy(notice.Text));
    }

    internal static TimeSpan AgeMax(JobSettings settings) =>
        settings.CheckpointInterval == TimeSpan.Zero ? TimeSpan.MaxValue : (settings.CheckpointInterval * IntervalsMax) + settings.CheckpointTimeout;

    /// <summary>A checkpoint that is due has not come: the store is away, or the job is too slow for its interval.</summary>
    internal static string? Late(string job, JobStatus status, JobSettings settings, TimeSpan age)
    {
        var usual = status.LastCheckpoint?.Duration ?? TimeSpan.Zero;
        if (settings.CheckpointInterval == TimeSpan.Zero || age <= (2 * settings.CheckpointInterval) + (2 * usual) + LateBy)
        {
            return null;
        }
        string trouble = status.CheckpointTrouble is { } why ? $" The last one: {why}" : "";
        return $"Job {job} has had no checkpoint for {age.TotalSeconds:F0} s; one is due every {settings.CheckpointInterval.TotalSeconds:0.###} s.{trouble}";
    }

    internal static string? Danger(string job, JobStatus status) =>
        status.Stuck is { } stuck && stuck.For >= StuckFrom ? $"Job {job}: {stuck}: an operator there waits for something, or computes."
        : status.Slack is { Level: SlackLevel.Degraded } slack
        ? $"Job {job}: what a restart would read next of {slack.Split} (source {slack.Source}) is deleted {slack.Forecast}: let the job read faster, or its topic keep more."
        : null;

    private string? Problem(JobRun run) => run.Status.Phase switch
    {
        JobPhase.Running when run.CheckpointAge > AgeMax(run.Settings) => $"Job {run.Name} has had no checkpoint for {run.CheckpointAge:c}.",
        JobPhase.Running => null,
        JobPhase.Ended when run.Failure is { } failure => $"Job {run.Name} has failed: {failure}",
        JobPhase.Ended when jobs.Runs.Any(static one => one.Status.Phase != JobPhase.Ended) => null, // It had an end, and came to it.
        JobPhase.Ended => $"Job {run.Name} is over.",
        var phase when run.Status.Step is { } step => $"Job {run.Name} is {phase}: it {step.Name}, for {step.For.TotalSeconds:F0} s now.",
        var phase => $"Job {run.Name} is {phase}.",
    };
}
