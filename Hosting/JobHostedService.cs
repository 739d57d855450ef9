using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Runs the jobs from the program's start to its end. When one fails for good, the others go on, unless <see cref="WeirOptions.StopAllOnFailure"/>; in the end the program has its code.</summary>
/// <remarks>Thread: any. Start never waits for Kafka; a stop waits for the last checkpoints, at most <see cref="WeirOptions.StopTimeout"/>.</remarks>
internal sealed class JobHostedService(
    JobRunFactory factory, ProgramEnd end, IHostApplicationLifetime lifetime, IOptions<WeirOptions> options, TimeProvider time, ILogger<JobHostedService> logger, MemoryUse memory)
    : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private IReadOnlyList<JobRun>? _runs;
    private Task _all = Task.CompletedTask;
    private ITimer? _stopTimer;

    /// <summary>The jobs that run here.</summary>
    public IReadOnlyList<JobRun> Runs => _runs ?? [];

    /// <summary>The job of that name that runs here.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public JobRun Find(string job) =>
        Runs.FirstOrDefault(run => run.Name == job) ?? throw new ArgumentException($"No job '{job}' runs here; there are {string.Join(", ", Runs.Select(run => run.Name))}.", nameof(job));

    /// <summary>Builds the jobs; what is wrong with their graphs shows here, before anything runs.</summary>
    /// <exception cref="JobException">A job's graph does not fit.</exception>
    public void Prepare() => _runs ??= factory.CreateRuns();

    /// <summary>Ends all jobs at once, without a last checkpoint.</summary>
    public void CancelNow()
    {
        logger.Interrupted();
        _cancel.Cancel();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Prepare();
        if (end.ExitCode != ExitCode.Success)
        {
            return Task.CompletedTask;
        }
        if (Runs.Count == 0)
        {
            logger.NothingToRun(string.Join(", ", factory.Names));
        }
        else if (memory.Plan is { } plan)
        {
            logger.MemoryDivided(SettingText.Size(plan.Total), plan.Describe());
        }
        lifetime.ApplicationStopping.Register(BeginStop);
        _all = RunAllAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // The host's own limit is longer than ours: what has not ended then hangs in a record, and would keep the process for ever.
        using var giveUp = cancellationToken.Register(_cancel.Cancel);
        await Task.WhenAny(_all, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
        foreach (var run in Runs.Where(run => !_all.IsCompleted && run.Status.Phase != JobPhase.Ended))
        {
            string where = run.Status.Stuck is { } stuck ? $": {stuck}" : "";
            end.Fail(ExitCode.StopTimedOut, $"Job {run.Name} does not end{where}. The process ends without it; its last committed checkpoint holds, and the next start goes on from there.");
        }
    }

    public void Dispose()
    {
        _stopTimer?.Dispose();
        _cancel.Dispose();
    }

    private void BeginStop()
    {
        if (!_all.IsCompleted)
        {
            logger.Stopping(options.Value.StopTimeout);
            _stopTimer = time.CreateTimer(_ => _cancel.Cancel(), null, options.Value.StopTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task RunAllAsync()
    {
        await Task.WhenAll(Runs.Select(RunAsync)).ConfigureAwait(false);
        if (Runs.Count > 0)
        {
            lifetime.StopApplication();
        }
    }

    private async Task RunAsync(JobRun run)
    {
        // Building and starting a job is work: it is not done on the thread that starts the host.
        await Task.Yield();
        logger.JobStarts(run.Name, run.SummarizePlan(), run.Settings.Parallelism, run.Settings.CheckpointInterval, factory.Location);
        try
        {
            Ended(run, await run.RunAsync(lifetime.ApplicationStopping, _cancel.Token).ConfigureAwait(false));
        }
        catch (JobException failure)
        {
            string hint = failure.Reason == JobFailure.Unreachable && Terminal.IsAttended ? " " + ConfiguredKafka.HowToGetOne : "";
            Failed(run, ExitCode.Of(failure.Reason), $"{failure.Message.TrimEnd('.')}.{hint}", failure.InnerException);
        }
        catch (Exception failure)
        {
            Failed(run, ExitCode.JobFailed, $"{failure.Message.TrimEnd('.')}.", failure);
        }
    }

    private void Failed(JobRun run, int code, string why, Exception? failure)
    {
        run.Failure = why;
        string problem = $"Job {run.Name}: {why}";
        if (options.Value.StopAllOnFailure || Runs.All(one => one == run || one.Status.Phase == JobPhase.Ended))
        {
            end.Fail(code, problem, failure);
        }
        else
        {
            end.FailInPart(code, problem, failure);
        }
    }

    private void Ended(JobRun run, JobOutcome outcome)
    {
        // One that was stopped while it waited for its broker, or before a restart, had nothing to lose.
        if (run.IsProcessing && ExitCode.Of(outcome) is not ExitCode.Success and var code && end.ExitCode == ExitCode.Success)
        {
            end.Fail(code, $"Job {run.Name} ended without its last checkpoint: its last committed one holds, and the next start goes on from there.");
        }
    }
}
