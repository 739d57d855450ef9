using Microsoft.Extensions.Diagnostics.HealthChecks;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Ready: every job processes, and none has gone long without a checkpoint it needs.</summary>
internal sealed class JobsHealthCheck(JobHostedService jobs, ProgramNotice notice) : IHealthCheck
{
    /// <summary>The tag of checks that say whether the program does its work.</summary>
    public const string ReadyTag = "ready";

    // Two may be late, or fail, without anybody being called.
    private const int IntervalsMax = 3;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = jobs.Runs.Select(Problem).OfType<string>().ToArray();
        return Task.FromResult(
            problems.Length > 0 ? HealthCheckResult.Unhealthy(string.Join(" ", problems))
            : jobs.Runs.Count == 0 ? HealthCheckResult.Unhealthy("No job runs.")
            : HealthCheckResult.Healthy(notice.Text));
    }

    internal static TimeSpan AgeMax(JobSettings settings) =>
        settings.CheckpointInterval == TimeSpan.Zero ? TimeSpan.MaxValue : (settings.CheckpointInterval * IntervalsMax) + settings.CheckpointTimeout;

    private static string? Problem(JobRun run) => run.Status.Phase switch
    {
        JobPhase.Running when run.CheckpointAge > AgeMax(run.Settings) => $"Job {run.Name} has had no checkpoint for {run.CheckpointAge:c}.",
        JobPhase.Running => null,
        JobPhase.Ended => $"Job {run.Name} is over.",
        var phase => $"Job {run.Name} is {phase}.",
    };
}
