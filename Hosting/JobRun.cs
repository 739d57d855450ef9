using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>One job in this process: its runner, and what the host watches of it.</summary>
/// <remarks>Thread: the observer's calls come from the job's control thread, all else from any.</remarks>
internal sealed class JobRun : IJobObserver
{
    private readonly KafkaJobOptions _kafka;
    private readonly JobRunner _runner;
    private readonly TimeProvider _time;
    private readonly CheckpointAge _age = new();
    private readonly JobMetrics _metrics;
    private readonly CheckpointTraces _traces;
    private readonly Lock _stopping = new();
    private readonly TaskCompletionSource<JobOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _stop;
    private long _beganTicks;
    private volatile bool _processing;
    private volatile bool _hasStarted;

    public JobRun(JobRegistration registration, WeirOptions options, JobRunFactory factory)
    {
        Name = registration.Name;
        var job = options.Jobs.TryGetValue(Name, out var set) ? set : new JobOptions();
        Settings = job.ToSettings(Name);
        _time = factory.Time;
        (_metrics, _traces) = (factory.Metrics, factory.Traces);
        _kafka = factory.KafkaOf(job);
        _runner = factory.CreateRunner(registration, Settings, _kafka, this);
        JobFit.Check(Name, job, _runner);
    }

    public string Name { get; }

    public JobSettings Settings { get; }

    public JobStatus Status => _runner.Status;

    /// <summary>What it wants of memory.</summary>
    public JobMemoryNeeds MemoryNeeds => _runner.MemoryNeeds;

    public JobFigures Figures => _runner.Figures;

    /// <summary>By its clock.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Whether an attempt is processing records, so that one that ends without a last checkpoint has done something in vain.</summary>
    public bool IsProcessing => _processing;

    /// <summary>Why it has failed for good, in a sentence; null where it has not.</summary>
    public string? Failure { get; set; }

    /// <summary>Whether an attempt has processed records, whatever became of it.</summary>
    public bool HasStarted => _hasStarted;

    /// <summary>When it began; null before.</summary>
    public DateTimeOffset? BeganAt => Volatile.Read(ref _beganTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>How it ended; fails as it failed.</summary>
    public Task<JobOutcome> Ended => _ended.Task;

    /// <summary>How long there has been something that no checkpoint covers.</summary>
    public TimeSpan CheckpointAge => _age.Of(Status.RecordsIn, _time.GetUtcNow());

    /// <summary>Its checkpoints' mode, from the next one on.</summary>
    public CheckpointMode CheckpointMode
    {
        set => _runner.CheckpointMode = value;
    }

    /// <summary>Its sources that read a log, and their topics.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Topics)> Sources => [.. _runner.LogSources.Select(source => (source, _kafka.Source(source).TopicsOf(source)))];

    /// <summary>Its sinks that write one.</summary>
    public IReadOnlyList<(string Name, string Topic)> Sinks => [.. _runner.LogSinks.Select(sink => (sink, _kafka.Sink(sink).TopicOf(sink)))];

    /// <summary>How its sources and sinks reach Kafka.</summary>
    public KafkaJobOptions Kafka => _kafka;

    /// <summary>Whether some of its output becomes visible with the checkpoints.</summary>
    public bool HasTransactions => _runner.TransactionalSinks.Any(sink => _kafka.Sink(sink).Guarantee is null or SinkGuarantee.ExactlyOnce);

    public bool Reads(string topic) => Sources.Any(source => source.Topics.Contains(topic));

    public bool Writes(string topic) => Sinks.Any(sink => sink.Topic == topic);

    public string DescribePlan() => _runner.DescribePlan();

    public string SummarizePlan() => _runner.SummarizePlan();

    public async Task<JobOutcome> RunAsync(CancellationToken stop, CancellationToken cancel)
    {
        _metrics.Show(this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Stopping(either);
        Volatile.Write(ref _beganTicks, _time.GetUtcNow().UtcTicks);
        try
        {
            var outcome = await _runner.RunAsync(either.Token, cancel).ConfigureAwait(false);
            _ended.TrySetResult(outcome);
            return outcome;
        }
        catch (Exception failure)
        {
            _ended.TrySetException(failure);
            _ = _ended.Task.Exception; // Seen by who awaits the run, if by nobody else.
            throw;
        }
        finally
        {
            Stopping(null);
        }
    }

    /// <summary>Asks this job alone to take a last checkpoint, commit it, and end.</summary>
    public Task AskToStopAsync()
    {
        lock (_stopping)
        {
            return _stop?.CancelAsync() ?? Task.CompletedTask;
        }
    }

    public IReadOnlyList<RestoreFinding> PlanRestore(CheckpointMetadata checkpoint) => _runner.PlanRestore(checkpoint);

    public Task<Savepoint> TakeSavepointAsync(SavepointRequest request, CancellationToken cancellation) => _runner.TakeSavepointAsync(request, cancellation);

    // What happens to the job is logged by the engine.
    public void Started(long? restored, long inFlightRecords) => _processing = _hasStarted = true;

    public void Restarting(Exception failure, TimeSpan delay) => _processing = false;

    public void CheckpointCompleted(CheckpointReport report) => _age.Covered(Status.RecordsIn);

    public void CheckpointEnded(CheckpointReport report)
    {
        _metrics.CheckpointEnded(Name, report);
        _traces.CheckpointEnded(Name, report);
    }

    private void Stopping(CancellationTokenSource? by)
    {
        lock (_stopping)
        {
            _stop = by;
        }
    }
}
