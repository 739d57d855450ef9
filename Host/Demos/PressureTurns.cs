using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Demos;

/// <summary>Changes the kind of a job's checkpoints from time to time, notes how long each took, and ends the program.</summary>
internal sealed class PressureTurns(string job, TimeSpan turn, JobHostedService jobs, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PressureTurns> logger) : BackgroundService
{
    private static readonly CheckpointMode[] s_turns = [CheckpointMode.Unaligned, CheckpointMode.Aligned, CheckpointMode.Unaligned];
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<long, CheckpointReport> _seen = [];

    /// <summary>Each kind with how many there were, and how long the middle and the longest one took.</summary>
    public string Summary()
    {
        lock (_seen)
        {
            var kinds = from report in _seen.Values
                        group report.Duration.TotalMilliseconds by report.Mode into took
                        orderby took.Key
                        let sorted = took.Order().ToArray()
                        select string.Create(CultureInfo.InvariantCulture, $"{sorted.Length} {took.Key} checkpoints took {sorted[sorted.Length / 2]:N0} ms (median), {sorted[^1]:N0} at most");
            return string.Join("; ", kinds);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var run = jobs.Runs.Single(run => run.Name == job);
        using var timer = new PeriodicTimer(s_look, time);
        for (int index = 0; index < s_turns.Length; index++)
        {
            logger.Turn(index + 1, s_turns.Length, s_turns[index], turn.TotalSeconds);
            run.CheckpointMode = s_turns[index];
            for (long began = time.GetTimestamp(); time.GetElapsedTime(began) < turn && await timer.WaitForNextTickAsync(stoppingToken);)
            {
                Note(run.Status);
            }
        }
        lifetime.StopApplication();
    }

    private void Note(JobStatus status)
    {
        if (status.LastCheckpoint is { } report)
        {
            lock (_seen)
            {
                _seen.TryAdd(report.Id, report);
            }
        }
    }
}
