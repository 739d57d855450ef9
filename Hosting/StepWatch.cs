using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Names the step that a job's start, or its end, stands in: after a while, and again each time that it has lasted twice as long.</summary>
internal sealed class StepWatch(JobHostedService jobs, TimeProvider time, ILogger<StepWatch> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    // Longer than a restore of some GB, or the wait for a transaction that a dead process left.
    private static readonly TimeSpan s_firstAfter = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (string Step, TimeSpan Next)> _watched = new(StringComparer.Ordinal);

    /// <summary>Looks at one job.</summary>
    /// <returns>Whether its step is worth a line.</returns>
    internal bool IsLong(string job, JobStep? step)
    {
        if (step is null)
        {
            _watched.Remove(job);
            return false;
        }
        if (!_watched.TryGetValue(job, out var watched) || watched.Step != step.Name || step.For < watched.Next / 4)
        {
            watched = (step.Name, s_firstAfter); // Another one, or the same of another attempt.
        }
        bool isLong = step.For >= watched.Next;
        _watched[job] = isLong ? watched with { Next = 2 * step.For } : watched;
        return isLong;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            foreach (var run in jobs.Runs)
            {
                if (run.Status.Step is var step && IsLong(run.Name, step))
                {
                    logger.StepIsLong(run.Name, step!.Name, step.For.TotalSeconds);
                }
            }
        }
    }
}
