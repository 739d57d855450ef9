using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>Makes the jobs of this program from what is registered and what is configured.</summary>
internal sealed class JobRunFactory(
    IEnumerable<JobRegistration> registrations, IOptions<WeirOptions> options, ICheckpointStorage storage, IServiceProvider services, ILoggerFactory loggers, TimeProvider time, JobMetrics metrics,
    CheckpointTraces traces, MemoryUse memory)
{
    private readonly LocalSpillStorage _spill = new(options.Value.Checkpoints.Directory);

    public TimeProvider Time => time;

    public JobMetrics Metrics => metrics;

    public CheckpointTraces Traces => traces;

    /// <summary>Where checkpoints lie.</summary>
    public string Location => storage.Location;

    /// <summary>The names of all jobs, whether they run or not.</summary>
    public IEnumerable<string> Names => registrations.Select(registration => registration.Name);

    /// <summary>The jobs that run, with memory divided among them.</summary>
    /// <exception cref="JobException">A job's graph does not fit, or memory is too little for them.</exception>
    public IReadOnlyList<JobRun> CreateRuns()
    {
        IReadOnlyList<JobRun> runs = [.. registrations.Where(registration => registration.Runs(options.Value)).Select(registration => new JobRun(registration, options.Value, this))];
        memory.Divide(runs);
        return runs;
    }

    /// <summary>Makes one job, whether it is to run or not.</summary>
    /// <exception cref="JobException">The job's graph does not fit.</exception>
    public JobRun? Create(string name) =>
        registrations.FirstOrDefault(registration => registration.Name == name) is { } registration ? new JobRun(registration, options.Value, this) : null;

    /// <summary>Says that there is none of that name; without one, that none is to run.</summary>
    public JobException NoJob(string? name)
    {
        string what = name is null ? "No job is to run: name one under Weir:Jobs" : $"There is no job '{name}'";
        return new JobException(JobFailure.Configuration, $"{what}; there are {string.Join(", ", Names)}.");
    }

    internal KafkaJobOptions KafkaOf(JobOptions job) => new() { Client = options.Value.Kafka, Sources = new(job.Sources), Sinks = new(job.Sinks) };

    internal JobRunner CreateRunner(JobRegistration registration, JobSettings settings, KafkaJobOptions kafka, IJobObserver observer) => new(
        registration.Create(services),
        settings,
        storage,
        new ConfiguredKafka(kafka, options.Value.Sandbox.IsThere),
        new JobRunnerServices { Services = services, Loggers = loggers, Time = time, Observer = observer, Spill = _spill, Memory = memory.Budget });
}
