using Microsoft.Extensions.Logging;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Diagnostics;
using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime;

/// <summary>Runs one job, attempt after attempt, until it has finished, is stopped, or has failed for good.</summary>
public sealed class JobRunner
{
    private static readonly TimeSpan StoreProbePause = TimeSpan.FromSeconds(1);

    private readonly ExecutionPlan _plan;
    private readonly JobSettings _settings;
    private readonly ICheckpointStorage _storage;
    private readonly IConnectorFactory _connectors;
    private readonly JobRunnerServices _services;
    private readonly ILogger _logger;
    private readonly JobCounters _counters;
    private readonly CheckpointHistory _history = new();
    private readonly InFlightDrop _drop;
    private readonly TimeProvider _time;
    private volatile CheckpointMode _checkpointMode;
    private bool _saidFirstRecord;
    private bool _hasChosen;

    /// <summary>Builds the job's graph and checks it; nothing runs yet.</summary>
    /// <param name="job">The job.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="storage">Where its checkpoints lie.</param>
    /// <param name="connectors">Opens what its graph describes.</param>
    /// <param name="services">What else it runs with.</param>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: the graph has faults; the message lists all of them.</exception>
    public JobRunner(IJob job, JobSettings settings, ICheckpointStorage storage, IConnectorFactory connectors, JobRunnerServices services)
    {
        _plan = ExecutionPlan.Of(job, settings, services.Services);
        _settings = settings;
        _checkpointMode = settings.CheckpointMode;
        _drop = new InFlightDrop(settings.DropInFlight);
        _storage = storage;
        _connectors = connectors;
        _services = services;
        _time = services.Executor?.Time ?? services.Time;
        _logger = services.Loggers.CreateLogger("Weir.Job");
        _counters = new JobCounters(_plan, _time);
        Savepoints = new SavepointDesk(storage, settings.Name, settings.CheckpointTimeout, _time, _logger);
    }

    /// <summary>Where the job stands. Any thread.</summary>
    public JobStatus Status => _counters.Status;

    /// <summary>What its parts did, and hold now. Any thread; asked for seldom, e.g. by measurements.</summary>
    public JobFigures Figures => _counters.Figures;

    /// <summary>Reports of the last 100 checkpoints of this process, newest first, whatever became of them; those of large jobs that are older keep only their sums. It does not change. Any thread.</summary>
    public IReadOnlyList<CheckpointReport> Checkpoints => _history.Reports;

    /// <summary>How the barriers of the next checkpoints meet queued data: as the settings say, until it is set. Any thread.</summary>
    public CheckpointMode CheckpointMode
    {
        get => _checkpointMode;
        set => _checkpointMode = value;
    }

    /// <summary>Names of the sources that read a log, which connectors may have settings for.</summary>
    public IReadOnlyList<string> LogSources => [.. _plan.Operators.Where(node => node is { IsLog: true, IsSource: true }).Select(node => node.DefaultId!)];

    /// <summary>The side outputs of a source that the job reads.</summary>
    public IReadOnlyList<OutputTag> SideOutputsOf(string source) => [.. _plan.Operators.Where(node => node.IsSource && node.DefaultId == source).SelectMany(node => node.SideOutputs)];

    /// <summary>Names of the sinks that write a log.</summary>
    public IReadOnlyList<string> LogSinks => [.. _plan.Operators.Where(node => node is { IsLog: true, IsSink: true }).Select(node => node.DefaultId!)];

    /// <summary>Names of those sinks whose output becomes visible with the checkpoints.</summary>
    public IReadOnlyList<string> TransactionalSinks => [.. _plan.Sinks.Where(node => node.IsTransactional).Select(node => node.DefaultId!)];

    /// <summary>What the job wants of memory.</summary>
    public JobMemoryNeeds MemoryNeeds => new(
        _plan.ChannelBytes,
        _plan.Operators.Where(node => node is { IsLog: true, IsSource: true }).Sum(node => node.Parallelism),
        _plan.Sinks.Where(node => node is { IsLog: true, IsTransactional: false }).Sum(node => node.Parallelism),
        _plan.HasTransactionalSink);

    /// <summary>Where savepoints are ordered.</summary>
    internal SavepointDesk Savepoints { get; }

    /// <summary>Whether its run is over.</summary>
    internal bool HasEnded => _counters.HasEnded;

    /// <summary>The plan as text that a person reads.</summary>
    public string DescribePlan() => _plan.Describe();

    /// <summary>The plan in one line: its operators in the order of the flow, and where records are dealt anew.</summary>
    public string SummarizePlan() => _plan.Summarize();

    /// <summary>What a start from a checkpoint would do with each part of it, and what does not fit. Neither brokers nor the store are asked, so that a cluster it does not belong to is not seen.</summary>
    /// <param name="checkpoint">What it says of itself.</param>
    public IReadOnlyList<RestoreFinding> PlanRestore(CheckpointMetadata checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return RestorePlan.Of(_plan, checkpoint, slot: 0, _settings.DropInFlight).Findings;
    }

    /// <summary>Takes a savepoint: a checkpoint that is the operator's, who keeps, moves and deletes it. Any thread; one is taken after another, and each waits until the job processes.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellation">Waits no longer; one that has begun may be made all the same.</param>
    /// <returns>The savepoint, durable.</returns>
    /// <exception cref="ArgumentException">The name is empty or longer than 100 characters, or a drain is to be unaligned, which it never is.</exception>
    /// <exception cref="JobException">It was not made: why, and what to do.</exception>
    public async Task<Savepoint> TakeSavepointAsync(SavepointRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is { Unaligned: true, Then: AfterSavepoint.Drain })
        {
            throw new ArgumentException("A job that is drained has nothing in flight, so that its savepoint is never unaligned.", nameof(request));
        }
        var order = Savepoints.Order(request);
        try
        {
            return await order.Done.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            order.Withdraw();
            throw;
        }
    }

    /// <summary>Runs the job.</summary>
    /// <param name="stop">Asks it to take a last checkpoint, commit it, and end.</param>
    /// <param name="cancel">Asks it to end at once; the last committed checkpoint holds.</param>
    /// <exception cref="JobException">It has failed for good; the reason says how.</exception>
    public async Task<JobOutcome> RunAsync(CancellationToken stop, CancellationToken cancel)
    {
        var executor = _services.Executor;
        using var own = executor is null ? new PoolExecutor(Environment.ProcessorCount, _services.Time) : null;
        executor ??= own!;
        var lane = executor.CreateLane($"weir job {_settings.Name}");
        var ended = new TaskCompletionSource<JobOutcome>();
        lane.Post(
            async _ =>
            {
                try
                {
                    ended.SetResult(await RunOnLaneAsync(executor, lane, stop, cancel));
                }
#pragma warning disable CA1031 // Handed to who awaits the run.
                catch (Exception failure)
#pragma warning restore CA1031
                {
                    ended.SetException(failure);
                }
            },
            null);
        return await ended.Task;
    }

    private async Task<JobOutcome> RunOnLaneAsync(IExecutor executor, SynchronizationContext lane, CancellationToken stop, CancellationToken cancel)
    {
        var policy = new RestartPolicy(_settings.Restart);
        Savepoints.Open(cancel);
        try
        {
            while (true)
            {
                var (outcome, failure, ranFor) = await TryAsync(executor, lane, stop, cancel);
                if (outcome is { } end)
                {
                    _logger.Ended(_settings.Name, end);
                    return end;
                }
                if (failure is not null)
                {
                    cancel.ThrowIfCancellationRequested();      // whatever failed then, failed of it
                    await PauseAsync(failure, policy, ranFor, stop, cancel);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || cancel.IsCancellationRequested)
        {
            _logger.Ended(_settings.Name, JobOutcome.Cancelled);
            return JobOutcome.Cancelled;
        }
        finally
        {
            await Savepoints.CloseAsync("the job is over");
            _counters.Enter(JobPhase.Ended);
        }
    }

    private async Task<(JobOutcome? Outcome, JobException? Failure, TimeSpan RanFor)> TryAsync(IExecutor executor, SynchronizationContext lane, CancellationToken stop, CancellationToken cancel)
    {
        _counters.Enter(JobPhase.Starting);
        var attempt = new JobAttempt(
            new AttemptParts
            {
                Plan = _plan,
                Slot = 0,
                Executor = executor,
                Lane = lane,
                Storage = _storage,
                Spill = _services.Spill,
                Memory = _services.Memory,
                Connectors = _connectors,
                Services = _services.Services,
                Logger = _logger,
                Observer = _services.Observer,
                Counters = _counters,
                History = _history,
                Mode = () => CheckpointMode,
                IsFirstChoice = !_hasChosen,
                Drop = _drop,
                FirstRecord = SayFirstRecord,
                Savepoints = Savepoints,
            },
            NewLife());
        try
        {
            return (await attempt.RunAsync(stop, cancel), null, attempt.RanFor);
        }
        catch (JobException failure)
        {
            return (null, failure, attempt.RanFor);
        }
        catch (CheckpointStorageException failure)
        {
            return (null, new JobException(JobFailure.Transient, failure.Message, failure), attempt.RanFor);
        }
        finally
        {
            _hasChosen |= attempt.HasChosen;
        }
    }

    private async Task PauseAsync(JobException failure, RestartPolicy policy, TimeSpan ranFor, CancellationToken stop, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, cancel);
        if (failure.InnerException is CheckpointStorageException { Reason: StorageFailure.Unavailable or StorageFailure.Refused })
        {
            _counters.Restarting();
            await WaitForStoreAsync(failure, ending.Token);
            return; // The store was the cause, so no restart is counted.
        }
        TimeSpan delay;
        try
        {
            delay = policy.After(failure, ranFor, _time.GetUtcNow(), _services.Chance.NextDouble());
        }
        catch (JobException final)
        {
            _logger.Failed(_settings.Name, final.Reason, final.Message);
            throw;
        }
        _counters.Restarting();
        if (failure.Reason == JobFailure.Fenced)
        {
            _logger.GivesWay(_settings.Name, delay.TotalMilliseconds, failure.Message);
        }
        else
        {
            _logger.Restarting(failure.InnerException, _settings.Name, delay.TotalMilliseconds, failure.Message);
        }
        _services.Observer?.Restarting(failure, delay);
        await Task.Delay(delay, _time, ending.Token);
    }

    /// <summary>Asks the store for something small until it answers; nothing is consumed meanwhile.</summary>
    private async Task WaitForStoreAsync(JobException cause, CancellationToken cancellation)
    {
        _logger.StoreAway(_settings.Name, cause.Message);
        while (true)
        {
            try
            {
                await StoreProbe.RunAsync(_storage, _settings.Name, cancellation);
                return;
            }
            catch (CheckpointStorageException)
            {
                await Task.Delay(StoreProbePause, _time, cancellation);
            }
        }
    }

    private void SayFirstRecord()
    {
        if (!_saidFirstRecord)
        {
            _saidFirstRecord = true;
            _services.Observer?.FirstRecord();
        }
    }

    private string NewLife()
    {
        Span<byte> random = stackalloc byte[16];
        _services.Chance.NextBytes(random);
        return CheckpointPaths.LifeIdOf(new Guid(random));
    }
}
