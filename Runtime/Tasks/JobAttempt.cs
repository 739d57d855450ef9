using System.Globalization;
using Microsoft.Extensions.Logging;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Diagnostics;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>One life of a job: takes its slot, reads its pointer, restores, runs, and releases everything, however it ends.</summary>
/// <remarks>Thread: the job's lane.</remarks>
internal sealed class JobAttempt
{
    private readonly AttemptParts _parts;
    private readonly string _life;
    private readonly CheckpointCoordinator _coordinator;
    private readonly IConnectors _connectors;
    private readonly Dictionary<string, OpenedSink> _sinks = [];
    private readonly CheckpointSweep _sweep;
    private SourceSet? _sources;
    private ISpillFile? _spill;
    private ExecutionGraph? _graph;
    private CancellationTokenSource? _restoring;
    private volatile JobException? _outgrown;

    public JobAttempt(AttemptParts parts, string life)
    {
        _parts = parts;
        _life = life;
        var context = new ConnectorContext
        {
            Job = Settings.Name,
            Slot = parts.Slot,
            LifeId = life,
            IsRestart = !parts.IsFirstChoice,
            HasLogSink = parts.Plan.HasTransactionalSink,
            HasLog = parts.Plan.HasLog,
            CheckpointInterval = Settings.CheckpointInterval,
            CheckpointTimeout = Settings.CheckpointTimeout,
            Time = parts.Executor.Time,
            Logger = parts.Logger,
            Fail = failure => _coordinator!.FailFromOutside(failure),
            NoteSlack = NoteSlack,
        };
        _connectors = parts.Plan.HasLog ? parts.Connectors.Open(context) : new FolderConnectors(parts.Storage, Settings.Name, parts.Slot, context.Fail);
        var coordinatorParts = new CoordinatorParts
        {
            Settings = Settings,
            Slot = parts.Slot,
            LifeId = life,
            Executor = parts.Executor,
            Storage = parts.Storage,
            Commit = _connectors.Commit,
            Mode = parts.Mode,
            FirstRecord = parts.FirstRecord,
            Completed = Completed,
            GivenUp = GivenUp,
            SteppedLong = (subtask, took) => _parts.Logger.SteppedLong(Settings.Name, subtask, took.TotalMilliseconds),
            Waits = Waits,
            Savepoints = parts.Savepoints,
            Interrupted = Interrupted,
        };
        _sweep = new CheckpointSweep(parts.Storage, Settings, parts.Slot, () => parts.Savepoints.Copied, parts.Executor.Time, parts.Logger);
        _coordinator = new CheckpointCoordinator(coordinatorParts, parts.Lane);
    }

    /// <summary>How long records were processed; decides whether a failure counts as a new one.</summary>
    public TimeSpan RanFor { get; private set; }

    /// <summary>Whether it came so far as to know where to begin, and to have that committed: what the operator asked of the first start was done.</summary>
    public bool HasChosen { get; private set; }

    private JobSettings Settings => _parts.Plan.Settings;

    private ICheckpointCommit Commit => _connectors.Commit;

    /// <summary>Lives. Null: everything was in doubt before the first record; a new Start is to follow at once.</summary>
    /// <exception cref="JobException">The attempt failed.</exception>
    /// <exception cref="OperationCanceledException">It was ended from outside.</exception>
    public async Task<JobOutcome?> RunAsync(CancellationToken stop, CancellationToken cancel)
    {
        try
        {
            return await LiveAsync(stop, cancel);
        }
        finally
        {
            await CloseAsync();
        }
    }

    private async Task<JobOutcome?> LiveAsync(CancellationToken stop, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, cancel);
        _sources = SourceSet.Open(_parts.Plan, _connectors, _parts.Logger);
        foreach (var sink in _parts.Plan.Sinks)
        {
            _sinks.Add(sink.Id, sink.Open(_connectors));
        }
        Does("takes over its transactions and reads which checkpoint counts");
        var start = await Commit.StartAsync(ending.Token);
        Does("reads the checkpoint");
        var restore = await RestorePoint.ChooseAsync(_parts, start, Commit, _sources.AnyStartsFromOwnGroup, ending.Token);
        Does("asks where its sources and sinks stand");
        if (!restore.IsFirstStart)
        {
            restore = restore with { Positions = await _sources.ResumeAsync(restore, ending.Token) };
            if (restore.IsComplete)
            {
                return JobOutcome.Finished;
            }
        }
        foreach (var sink in _sinks.Values)
        {
            await sink.CheckAsync(ending.Token);
        }
        if (restore.IsFirstStart)
        {
            restore = restore with { Positions = await _sources.DiscoverAsync(ending.Token), Logs = _sources.Logs, NeedsPointer = true };
        }
        if (restore.NeedsPointer)
        {
            Does("commits where it begins");
            if (!await Commit.CommitFirstAsync(restore.ToPointer(_life), ending.Token))
            {
                return null;
            }
        }
        else if (restore.Metadata is { } metadata)
        {
            Commit.Compare(CheckpointAssembly.Positions(metadata).Where(source => _sources.Has(source.Key)).ToDictionary());
        }
        HasChosen = true;
        Does("restores state and records in flight");
        _spill = await _parts.Spill.OpenAsync(Settings.Name, _parts.Slot, _life, ending.Token);
        _graph = ExecutionGraph.Build(new GraphParts
        {
            Plan = _parts.Plan,
            Spill = _spill,
            Memory = _parts.Memory,
            StateTooLarge = StateTooLarge,
            Executor = _parts.Executor,
            Events = _coordinator,
            Services = _parts.Services,
            Sinks = _sinks,
            Logger = _parts.Logger,
        });
        _sources.TellSplits(_graph, restore);
        long inFlight = restore.Metadata is null ? 0 : await RestoreAsync(_graph, restore, ending.Token);
        Does("begins its transactions");
        await Commit.BeginAsync(ending.Token);
        _sources.OpenReaders(_graph, restore);
        return await ProcessAsync(_graph, restore, inFlight, new CheckpointOrigin(start.ClusterId, _sources.Logs), stop, cancel);
    }

    private async Task<long> RestoreAsync(ExecutionGraph graph, RestorePoint restore, CancellationToken cancellation)
    {
        using var restoring = _restoring = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            return await new GraphRestore(graph, _parts.Storage, restore).RunAsync(restoring.Token);
        }
        catch (OperationCanceledException) when (_outgrown is not null)
        {
            throw _outgrown;
        }
        finally
        {
            _restoring = null;
        }
    }

    private async Task<JobOutcome?> ProcessAsync(ExecutionGraph graph, RestorePoint restore, long inFlight, CheckpointOrigin origin, CancellationToken stop, CancellationToken cancel)
    {
        if (restore.Metadata is { References: var references })
        {
            _sweep.NoteRestored(restore.Folder, references);
        }
        if (restore.IsFirstStart)
        {
            _parts.Logger.FirstStart(Settings.Name, _life);
        }
        else
        {
            _parts.Logger.Restored(Settings.Name, restore.CheckpointId, inFlight, _life);
            if (restore is { DropsInFlight: true, Metadata: { Edges.Count: > 0 } metadata })
            {
                _parts.Logger.InFlightDropped(Settings.Name, metadata.InFlightRecords);
            }
        }
        _parts.Counters.Begin(graph);
        _parts.Observer?.Started(restore.IsFirstStart ? null : restore.CheckpointId, inFlight);
        long began = _parts.Executor.Time.GetTimestamp();
        using var cancelled = cancel.Register(() => _coordinator.FailFromOutside(new OperationCanceledException(cancel)));
        foreach (var subtask in graph.Subtasks)
        {
            subtask.Begin();
            subtask.Wake();
        }
        try
        {
            return await _coordinator.RunAsync(graph, restore.IsFirstStart ? null : new Restored(restore.CheckpointId, inFlight), origin, stop);
        }
        finally
        {
            RanFor = _parts.Executor.Time.GetElapsedTime(began);
        }
    }

    private void Does(string step) => _parts.Counters.Does(step);

    private async Task CloseAsync()
    {
        Does("closes what the attempt had opened");
        if (_graph is not null)
        {
            try
            {
                await _graph.CloseAsync();
            }
            finally
            {
                _parts.Counters.EndAttempt(); // Not before: an operator that hangs is what this waits for.
                await _coordinator.QuietAsync();
                _graph.ReleaseMemory();
            }
            await _sweep.QuietAsync();
        }
        _spill?.Dispose();
        foreach (var sink in _sinks.Values)
        {
            await sink.DisposeAsync();
        }
        if (_sources is not null)
        {
            await _sources.DisposeAsync();
        }
        await _connectors.DisposeAsync();
        _graph?.CheckAllBatchesCameHome();
    }

    private void StateTooLarge()
    {
        _outgrown = new JobException(
            JobFailure.Permanent,
            $"Keyed state has grown beyond the {_parts.Memory.StateBytesMax.ToString("N0", CultureInfo.InvariantCulture)} bytes of memory that there are for it: give the process more memory (Weir:Memory), keep less for each key, or run fewer jobs in it. The last committed checkpoint holds.");
        _restoring?.Cancel(); // The rest would not fit either.
        _coordinator.FailFromOutside(_outgrown);
    }

    private void NoteSlack(string source, RestartSlack? slack)
    {
        _parts.Counters.NoteSlack(source, slack);
        if (slack is { Level: > SlackLevel.Fine })
        {
            _coordinator.Hurry();
        }
    }

    private void Completed(CheckpointReport report, Checkpoint checkpoint)
    {
        _sweep.NoteCommitted(checkpoint);
        _sweep.Begin();
        _parts.Logger.CheckpointCompleted(report.Id, Settings.Name, report.Duration.TotalMilliseconds, report.InFlightBytes, report.ReferencedBytes, report.Verdict);
        _parts.Counters.Completed(report);
        _parts.History.Add(report);
        _parts.Observer?.CheckpointCompleted(report);
        _parts.Observer?.CheckpointEnded(report);
    }

    private void Interrupted(CheckpointReport report)
    {
        _parts.History.Add(report);
        _parts.Observer?.CheckpointEnded(report);
    }

    private void Waits(long checkpoint, string reason)
    {
        _parts.Logger.CheckpointWaits(checkpoint, Settings.Name, reason);
        _parts.Counters.Waits(reason);
    }

    private void GivenUp(CheckpointReport report)
    {
        _parts.Logger.CheckpointGivenUp(report.Id, Settings.Name, report.Duration.TotalMilliseconds, report.Verdict);
        _parts.Counters.GivenUp(report.Verdict);
        _parts.History.Add(report);
        _parts.Observer?.CheckpointFailed(report.Id, report.Duration, report.Verdict);
        _parts.Observer?.CheckpointEnded(report);
    }
}
