using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>One job in this process: its runner, and what the host watches of it.</summary>
/// <remarks>Thread: the observer's calls come from the job's control thread, all else from any.</remarks>
internal sealed class JobRun : IJobObserver
{
    private readonly JobRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CheckpointAge _age = new();
    private volatile bool _started;

    public JobRun(JobRegistration registration, WeirOptions options, JobRunFactory factory)
    {
        Name = registration.Name;
        Settings = (options.Jobs.TryGetValue(Name, out var job) ? job : new JobOptions()).ToSettings(Name);
        _time = factory.Time;
        _logger = factory.Loggers.CreateLogger("Weir.Job");
        _runner = factory.CreateRunner(registration, Settings, job ?? new JobOptions(), this);
    }

    public string Name { get; }

    public JobSettings Settings { get; }

    public JobStatus Status => _runner.Status;

    /// <summary>Whether any attempt began to process.</summary>
    public bool HasStarted => _started;

    /// <summary>How long there has been something that no checkpoint covers.</summary>
    public TimeSpan CheckpointAge => _age.Of(Status.RecordsIn, _time.GetUtcNow());

    public string DescribePlan() => _runner.DescribePlan();

    public Task<JobOutcome> RunAsync(CancellationToken stop, CancellationToken cancel) => _runner.RunAsync(stop, cancel);

    public void Started(long? restored, long inFlightRecords)
    {
        _started = true;
        if (restored is { } checkpoint)
        {
            _logger.JobRunsRestored(Name, checkpoint, inFlightRecords);
        }
        else
        {
            _logger.JobRunsFirst(Name);
        }
    }

    public void CheckpointCompleted(CheckpointReport report)
    {
        _age.Covered(Status.RecordsIn);
        _logger.CheckpointCompleted(
            report.Id, Name, (long)report.Duration.TotalMilliseconds, report.Mode.ToString(), report.StateBytes, report.InFlightBytes, report.Files, report.Verdict);
    }

    public void CheckpointFailed(long checkpoint, TimeSpan age, string verdict) =>
        _logger.CheckpointFailed(checkpoint, Name, (long)age.TotalMilliseconds, verdict);

    public void Restarting(Exception failure, TimeSpan delay) => _logger.JobRestarts(Name, delay, failure.Message, failure);
}
