using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Says every two seconds, where somebody watches, what each job does.</summary>
internal sealed class ProgressReporter(JobHostedService jobs, IEnumerable<IProgressDetail> details, ProgramNotice notice, TimeProvider time, ILogger<ProgressReporter> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Terminal.IsAttended && notice.Text is null)
        {
            return;
        }
        long lookedAt = time.GetTimestamp();
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var elapsed = time.GetElapsedTime(lookedAt);
            lookedAt = time.GetTimestamp();
            foreach (var run in jobs.Runs)
            {
                var status = run.Status;
                var seen = _seen.GetValueOrDefault(run.Name).After(status);
                _seen[run.Name] = seen;
                string line = Line(run.Name, seen, elapsed, time.GetUtcNow());
                string?[] parts = [line, .. details.Select(detail => detail.Of(run)), notice.Text];
                logger.Progress(string.Join("; ", parts.OfType<string>()));
            }
        }
    }

    internal static string Line(string job, Seen seen, TimeSpan elapsed, DateTimeOffset now)
    {
        var (status, before, otherMode) = seen;
        double rateIn = (status.RecordsIn - (before?.RecordsIn ?? 0)) / elapsed.TotalSeconds;
        double rateOut = (status.RecordsOut - (before?.RecordsOut ?? 0)) / elapsed.TotalSeconds;
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{job}: {status.Phase}, {rateIn:N0} records/s in, {rateOut:N0} out");
        if (status is { LastCheckpoint: { } last, LastCheckpointAt: { } at })
        {
            line.Append(
                CultureInfo.InvariantCulture,
                $"; checkpoint {last.Id} {(now - at).TotalSeconds:0} s ago took {Milliseconds(last)} ms ({last.Mode}, {SettingText.Size(last.InFlightBytes + last.ReferencedBytes)} in flight)");
        }
        else
        {
            line.Append("; no checkpoint yet");
        }
        if (otherMode is not null)
        {
            line.Append(CultureInfo.InvariantCulture, $", the last {otherMode.Mode} one {Milliseconds(otherMode)} ms");
        }
        if (status.Lag is { } lag)
        {
            line.Append(CultureInfo.InvariantCulture, $"; lag {lag:N0}");
        }
        if (status.Overflow.SpilledBytes is > 0 and var spilled)
        {
            line.Append(CultureInfo.InvariantCulture, $"; {SettingText.Size(spilled)} spilled to disk");
        }
        return line.ToString();
    }

    private static string Milliseconds(CheckpointReport report) => report.Duration.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>What was seen of a job.</summary>
    /// <param name="Status">Now.</param>
    /// <param name="Before">The time before; null the first time.</param>
    /// <param name="OtherMode">The last checkpoint of another mode than the last one's, where there was one: to compare.</param>
    internal readonly record struct Seen(JobStatus Status, JobStatus? Before, CheckpointReport? OtherMode)
    {
        // There are two modes, so what was kept of the other one stays so while the mode is the same.
        public Seen After(JobStatus status) => new(status, Status, Status?.LastCheckpoint is { } was && was.Mode != status.LastCheckpoint?.Mode ? was : OtherMode);
    }
}
