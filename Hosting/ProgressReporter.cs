using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Says every few seconds, on a terminal, what each job does.</summary>
internal sealed class ProgressReporter(JobHostedService jobs, TimeProvider time, ILogger<ProgressReporter> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Terminal.IsAttended)
        {
            return;
        }
        var before = new Dictionary<string, JobStatus>();
        long lookedAt = time.GetTimestamp();
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var elapsed = time.GetElapsedTime(lookedAt);
            lookedAt = time.GetTimestamp();
            foreach (var run in jobs.Runs)
            {
                var status = run.Status;
                logger.Progress(Line(run.Name, status, before.GetValueOrDefault(run.Name), elapsed, time.GetUtcNow()));
                before[run.Name] = status;
            }
        }
    }

    internal static string Line(string job, JobStatus status, JobStatus? before, TimeSpan elapsed, DateTimeOffset now)
    {
        double rateIn = (status.RecordsIn - (before?.RecordsIn ?? 0)) / elapsed.TotalSeconds;
        double rateOut = (status.RecordsOut - (before?.RecordsOut ?? 0)) / elapsed.TotalSeconds;
        string line = string.Create(CultureInfo.InvariantCulture, $"{job}: {status.Phase}, {rateIn:N0} records/s in, {rateOut:N0} out");
        return status is { LastCheckpoint: { } last, LastCheckpointAt: { } at }
            ? line + string.Create(
                CultureInfo.InvariantCulture,
                $"; checkpoint {last.Id} {(now - at).TotalSeconds:0} s ago took {last.Duration.TotalMilliseconds:0} ms ({last.Mode}, {SettingText.Size(last.InFlightBytes)} in flight)")
            : line + "; no checkpoint yet";
    }
}
