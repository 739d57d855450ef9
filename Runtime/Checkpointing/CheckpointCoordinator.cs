using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Takes the checkpoints of one attempt, one at a time: triggers, collects, switches, completes or gives up.</summary>
/// <remarks>
/// Thread: the attempt's lane; what subtasks say is posted to it. Protocol: docs/exactly-once.md. Before the switch a checkpoint may be
/// given up at no cost; after it never: the attempt then ends, and the next Start says what holds.
/// </remarks>
internal sealed class CheckpointCoordinator : ISubtaskEvents
{
    /// <summary>After a restart the first checkpoint comes this soon: readers see what the restart repeated, and a second crash repeats little.</summary>
    private static readonly TimeSpan FirstAfterRestart = TimeSpan.FromMilliseconds(100);

    /// <summary>The last checkpoint of a job whose checkpoints are aligned may be so for this long, well below what a stop may take: after it, what would not fit in flight may be changed.</summary>
    private static readonly TimeSpan LastAlignedMax = TimeSpan.FromSeconds(10);

    private readonly CoordinatorParts _parts;
    private readonly AttemptLane _lane;
    private readonly HashSet<Subtask> _finished = [];
    private ExecutionGraph _graph = null!;
    private List<Subtask> _sinks = [];
    private PendingCheckpoint? _pending;
    private CancellationToken _stop;
    private long _nextId;
    private long _committed;
    private long _recordsAtLast = -1;
    private bool _inFlightAtLast;
    private bool _isHurried; // What the last checkpoint would read again is about to be deleted. Holds until one has ended, however it did.
    private CheckpointOrigin _origin = null!;
    private Task _quiet = Task.CompletedTask;
    private int _failedInARow;
    private SavepointOrder? _drain;
    private bool _drained;
    private Task<bool> _copying = Task.FromResult(false);

    public CheckpointCoordinator(CoordinatorParts parts, SynchronizationContext lane)
    {
        _parts = parts;
        _lane = new AttemptLane(lane, Time);
    }

    private TimeProvider Time => _parts.Executor.Time;

    private JobSettings Settings => _parts.Settings;

    private bool HasInterval => Settings.CheckpointInterval > TimeSpan.Zero;

    private bool AllFinished => _finished.Count == _graph.Subtasks.Count;

    /// <summary>Takes checkpoints until the job has finished, or is to stop; the last one then commits all.</summary>
    /// <exception cref="JobException">The attempt failed.</exception>
    public async Task<JobOutcome> RunAsync(ExecutionGraph graph, Restored? restored, CheckpointOrigin origin, CancellationToken stop)
    {
        _graph = graph;
        _stop = stop;
        _origin = origin;
        _committed = restored?.CheckpointId ?? 0;
        _nextId = _committed + 1;
        _inFlightAtLast = restored is { InFlightRecords: > 0 };
        _sinks = [.. graph.Subtasks.Where(subtask => subtask.HasTransactionalSink)];
        using var stopping = stop.Register(_lane.Look);
        _parts.Savepoints.Ring(_lane.Look);
        try
        {
            return await TakeAllAsync(NextAfterStart(isRestart: restored is not null));
        }
        finally
        {
            _parts.Savepoints.Ring(null);
            if (!_drained)
            {
                _drain?.Fail("the job ended, or failed and restarts, before it was drained");
            }
        }
    }

    public void Ready(Subtask subtask, Checkpoint checkpoint) => PostFor(checkpoint, pending => pending.Ready(subtask));

    public void Switched(Subtask subtask, Checkpoint checkpoint) => PostFor(checkpoint, pending => pending.Switched(subtask));

    public void BarriersComplete(Subtask subtask, Checkpoint checkpoint) => PostFor(checkpoint, pending => pending.BarriersComplete(subtask));

    public void Acknowledge(Checkpoint checkpoint, SubtaskSnapshot snapshot) => PostFor(checkpoint, pending => pending.Acknowledge(snapshot));

    public void Decline(Subtask subtask, Checkpoint checkpoint, Exception failure) => PostFor(checkpoint, pending =>
    {
        if (pending.HasSwitched)
        {
            _lane.Fail(failure);
        }
        else
        {
            pending.Fail(failure);
        }
    });

    public void Overflowed(Subtask subtask, Checkpoint checkpoint, string verdict) => PostFor(checkpoint, pending =>
    {
        if (!pending.HasSwitched) // After it, to store too much is better than to begin anew, with as much in flight.
        {
            pending.Fail(new InvalidOperationException(verdict));
        }
    });

    public void Finished(Subtask subtask, long lastCheckpoint) => _lane.Post(() =>
    {
        _finished.Add(subtask);
        if (_pending is { } pending && lastCheckpoint < pending.Checkpoint.Id)
        {
            subtask.Mail(() => subtask.Trigger(pending.Checkpoint));
        }
    });

    public void Failed(Subtask subtask, Exception failure) => _lane.Post(() => _lane.Fail(JobException.OfOperator(subtask.Name, subtask.Id.Task, failure)));

    public void SteppedLong(Subtask subtask, TimeSpan took) => _lane.Post(() => _parts.SteppedLong(subtask.Name, took));

    public void FirstRecord() => _lane.Post(() => _parts.FirstRecord());

    /// <summary>Ends the attempt: something failed outside of any subtask. Any thread.</summary>
    public void FailFromOutside(Exception failure) => _lane.Post(() => _lane.Fail(failure));

    /// <summary>Has a checkpoint taken at once, whatever the interval, which does not wait for barriers; one that is under way counts, and turns unaligned. Any thread.</summary>
    public void Hurry() => _lane.Post(() => _isHurried = true);

    /// <summary>After the attempt has ended: completes when nothing is written any more for a checkpoint that failed with it.</summary>
    public Task QuietAsync() => _quiet;

    private async Task<JobOutcome> TakeAllAsync(long? next)
    {
        while (true)
        {
            await _lane.Until(() => AllFinished || _stop.IsCancellationRequested || _parts.Savepoints.HasNext || _isHurried, next);
            bool finished = AllFinished;
            bool stopping = finished || _stop.IsCancellationRequested;
            var order = finished && _drain is { Done.IsCompleted: false } ? _drain : finished || !stopping ? _parts.Savepoints.TakeNext() : null;
            if (order is { Request.Then: AfterSavepoint.Drain } && !finished)
            {
                Drain(order);
                continue;
            }
            // What was hurried is taken in any case: positions also pass what is no record.
            if (!finished && order is null && !HasChanged() && !_isHurried && !_parts.Commit.IsAging)
            {
                if (stopping)
                {
                    return JobOutcome.Stopped;
                }
                next = HasInterval ? _lane.After(Settings.CheckpointInterval) : null;
                continue;
            }
            long triggered = Time.GetTimestamp();
            bool last = stopping || order is { Request.Then: AfterSavepoint.Stop };
            if (await TakeAsync(last, order) && last && (stopping || await IsDurableAsync()))
            {
                return finished && _drain is null ? JobOutcome.Finished : JobOutcome.Stopped;
            }
            next = NextAfter(triggered);
        }
    }

    /// <summary>Nothing more is read; when what was read is processed, all subtasks have finished.</summary>
    private void Drain(SavepointOrder order)
    {
        if (_drain is not null)
        {
            order.Fail("the job is being drained already");
            return;
        }
        _drain = order;
        foreach (var subtask in _graph.Subtasks.Where(subtask => subtask.IsSource))
        {
            subtask.Mail(subtask.Drain);
        }
    }

    /// <summary>Waits for the copy that a stop is for. What fails meanwhile lies behind it, and changes nothing; only one who wants all to end at once is heard.</summary>
    private async Task<bool> IsDurableAsync()
    {
        while (!_copying.IsCompleted && _lane.Failure is not OperationCanceledException)
        {
            await Task.WhenAny(_copying, _lane.Changed);
        }
        return _copying.IsCompleted && await _copying;
    }

    private async Task<bool> TakeAsync(bool isLast, SavepointOrder? order)
    {
        long id = _nextId++;
        var turnsAfter = TurnsAfter(isLast, order);
        var begins = turnsAfter > TimeSpan.Zero ? CheckpointMode.Aligned : CheckpointMode.Unaligned;
        using var ended = new CancellationTokenSource();
        var storage = new PatientStorage(_parts.Storage, Time, failure => _lane.Post(() => StorageFailed(failure)), ended.Token);
        string folder = CheckpointPaths.CheckpointFolder(Settings.Name, _parts.Slot, id, _parts.LifeId);
        var checkpoint = new Checkpoint(id, begins, new CheckpointFiles(storage, folder, Settings.TasksPerStateFile), _graph.Subtasks.Count);
        var pending = _pending = new PendingCheckpoint(checkpoint, _graph, _sinks, Time);
        bool completed = false;
        try
        {
            foreach (var subtask in _graph.Subtasks.Where(subtask => subtask.IsSource || _finished.Contains(subtask)))
            {
                subtask.Mail(() => subtask.Trigger(checkpoint));
            }
            if (!await ReachSwitchAsync(pending, turnsAfter, isLast, order))
            {
                await GiveUpAsync(pending, ended, order);
                return false;
            }
            var (report, metadata) = await CommitAsync(pending, storage);
            completed = true;
            if (order is not null)
            {
                _drained = order == _drain;
                _copying = _parts.Savepoints.CopyAsync(order, checkpoint.Files.Folder, metadata);
            }
            await CompleteAsync(pending, report);
            return true;
        }
        catch (Exception failure) when (!checkpoint.Ended)
        {
            _parts.Interrupted(ReportAssembly.Whole(pending, CheckpointEnd.Interrupted, $"the attempt ended: {failure.Message.TrimEnd('.')}; {pending.Verdict}"));
            throw;
        }
        finally
        {
            if (!checkpoint.Ended)
            {
                _quiet = checkpoint.End(); // The attempt fails; nothing is deleted, since only the next Start knows what holds.
            }
            if (!completed)
            {
                ended.Cancel();
                order?.Fail("the job failed meanwhile, and restarts from its last checkpoint");
            }
            _pending = null;
            _isHurried = false;
        }
    }

    private void StorageFailed(Exception failure)
    {
        if (_pending is { Failure: null } pending)
        {
            pending.Fail(failure);
            if (pending.HasSwitched)
            {
                _parts.Waits(pending.Checkpoint.Id, failure.Message);
            }
        }
    }

    /// <summary>Waits for what must be before the point of no return. False: to be given up, nothing was done.</summary>
    private async Task<bool> ReachSwitchAsync(PendingCheckpoint pending, TimeSpan turnsAfter, bool isLast, SavepointOrder? order)
    {
        long deadline = _lane.After(Settings.CheckpointTimeout);
        // Without a transactional sink nothing of the checkpoint is visible before its commit: the switch is there, so all of it may be given up until then.
        bool Reached() => _sinks.Count > 0 ? pending.AllReady : pending.AllAcknowledged;
        bool IsOver() => Reached() || pending.Failure is not null;
        if (pending.Checkpoint.Mode == CheckpointMode.Aligned)
        {
            await _lane.Until(() => IsOver() || MustNotWait(isLast, order), turnsAfter == TimeSpan.MaxValue ? deadline : Math.Min(deadline, _lane.After(turnsAfter)));
            if (!IsOver() && Time.GetTimestamp() < deadline)
            {
                TurnUnaligned(pending, order);
            }
        }
        await _lane.Until(IsOver, deadline);
        if (!Reached() || pending.Failure is not null)
        {
            return false;
        }
        using var late = new CancellationTokenSource(_lane.Left(deadline), Time);
        try
        {
            await _lane.Watched(_parts.Commit.MaySwitchAsync(late.Token));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return false;
        }
        if (pending.Failure is not null)
        {
            return false;
        }
        pending.HasSwitched = true;
        return true;
    }

    /// <summary>How old a checkpoint may become aligned: not at all where it may not take long. For ever, where the job's are aligned, but for the last one; and a savepoint's, as it was asked for.</summary>
    private TimeSpan TurnsAfter(bool isLast, SavepointOrder? order) =>
        order is not null ? (order.Request.Unaligned ? TimeSpan.Zero : TimeSpan.MaxValue)
        : MustNotWait(isLast, order) ? TimeSpan.Zero
        : _parts.Mode() == CheckpointMode.Aligned ? (isLast ? LastAlignedMax : TimeSpan.MaxValue)
        : isLast ? TimeSpan.Zero
        : Settings.AlignedCheckpointTimeout;

    /// <summary>
    /// Whether a checkpoint may not take long any more: the job is to stop, and another one follows; a transaction grows too old; or it is hurried, which ends no
    /// savepoint: whoever hurries says so again.
    /// </summary>
    private bool MustNotWait(bool isLast, SavepointOrder? order) =>
        (!isLast && _stop.IsCancellationRequested) || _parts.Commit.IsPressed || (_isHurried && order is null);

    /// <summary>Lets its barriers overtake what is queued: no task's help is needed, wherever they lie. A savepoint that is to be aligned is given up instead.</summary>
    private void TurnUnaligned(PendingCheckpoint pending, SavepointOrder? order)
    {
        if (order is not null)
        {
            pending.Fail(new InvalidOperationException(_stop.IsCancellationRequested
                ? "the job is to stop"
                : "what is queued took so long that the open transaction grows too old: ask for an unaligned savepoint, or again when there is less"));
            return;
        }
        pending.TurnUnaligned();
        foreach (var channel in _graph.Channels)
        {
            channel.LiftBarrier(pending.Checkpoint);
        }
    }

    private async Task<(CheckpointReport Report, CheckpointMetadata Metadata)> CommitAsync(PendingCheckpoint pending, ICheckpointStorage storage)
    {
        var checkpoint = pending.Checkpoint;
        foreach (var sink in _sinks)
        {
            sink.Mail(() => sink.Switch(checkpoint));
        }
        await _lane.Until(() => pending.AllSwitched, null);
        await _lane.Watched(_parts.Commit.SwitchAsync(checkpoint.Id, CancellationToken.None));
        await _lane.Until(() => pending.AllAcknowledged, UploadDeadline());
        if (!pending.AllAcknowledged)
        {
            throw NotStored(pending);
        }
        var metadata = CheckpointAssembly.Metadata(pending, _graph.Plan, _parts, _origin);
        var pointer = new CheckpointPointer { CheckpointId = checkpoint.Id, Location = checkpoint.Files.Folder, LifeId = _parts.LifeId, PreviousId = _committed, Topics = _origin.Logs };
        checkpoint.References = metadata.References;
        var stored = StoreAsync(checkpoint, metadata, storage); // Beside it, what counts only if the commit comes.
        await _lane.Watched(_parts.Commit.PrepareAsync(pointer, CheckpointAssembly.Positions(metadata), CancellationToken.None));
        if (!await _lane.Watched(stored, UploadDeadline()))
        {
            throw NotStored(pending);
        }
        await _lane.Watched(_parts.Commit.CommitAsync(pointer, CancellationToken.None));
        pending.Committed();
        return (ReportAssembly.Whole(pending, CheckpointEnd.Completed, pending.Verdict), metadata);
    }

    /// <summary>The store was the cause, be it by silence: the next attempt waits until it answers.</summary>
    private JobException NotStored(PendingCheckpoint pending)
    {
        var cause = pending.Failure ?? new CheckpointStorageException(StorageFailure.Unavailable, pending.Checkpoint.Files.Folder, $"{_parts.Storage.Location} does not answer; {pending.Verdict}");
        return new JobException(JobFailure.Transient, $"Checkpoint {pending.Checkpoint.Id} could not be stored before its transaction grew too old: {cause.Message}.", cause);
    }

    private static async Task StoreAsync(Checkpoint checkpoint, CheckpointMetadata metadata, ICheckpointStorage storage)
    {
        await checkpoint.Files.CommitAsync(CancellationToken.None);
        await storage.WriteAsync(CheckpointPaths.MetadataFile(checkpoint.Files.Folder), metadata.Serialize(), replace: false, CancellationToken.None);
    }

    private async Task CompleteAsync(PendingCheckpoint pending, CheckpointReport report)
    {
        await _lane.Watched(EndAsync(pending));
        _failedInARow = 0;
        _committed = report.Id;
        _inFlightAtLast = report.InFlightRecords > 0;
        _parts.Completed(report, pending.Checkpoint);
    }

    private async Task GiveUpAsync(PendingCheckpoint pending, CancellationTokenSource ended, SavepointOrder? order)
    {
        var checkpoint = pending.Checkpoint;
        string verdict = pending.Failure is { } failure ? $"{failure.Message.TrimEnd('.')}; {pending.Verdict}"
            : $"older than {Settings.CheckpointTimeout}: {pending.Verdict}";
        var quiet = EndAsync(pending);
        ended.Cancel();
        await _lane.Watched(quiet);
        await checkpoint.Files.AbandonAsync();
        await DeleteAsync(checkpoint.Files.Folder);
        _recordsAtLast = -1;
        _parts.GivenUp(ReportAssembly.Whole(pending, CheckpointEnd.GivenUp, verdict));
        if (order is not null)
        {
            order.Fail(verdict); // Whoever asked for it decides what follows.
            return;
        }
        if (++_failedInARow > Settings.TolerableFailedCheckpoints)
        {
            throw new JobException(JobFailure.Transient, $"{_failedInARow} checkpoints failed in a row, {Settings.TolerableFailedCheckpoints} are tolerated; the last one: {verdict}.", pending.Failure);
        }
    }

    private async Task DeleteAsync(string folder)
    {
        try
        {
            await _parts.Storage.DeleteFolderAsync(folder, CancellationToken.None);
        }
        catch (CheckpointStorageException)
        {
            // Where storage is what failed, it fails here too; what is left is removed by retention.
        }
    }

    /// <summary>Marks it as ended, then walks all channels: no task's help is needed to be rid of its barriers.</summary>
    private Task EndAsync(PendingCheckpoint pending)
    {
        var checkpoint = pending.Checkpoint;
        _quiet = checkpoint.End();
        foreach (var channel in _graph.Channels)
        {
            channel.DropBarrier(checkpoint);
        }
        foreach (var subtask in _graph.Subtasks)
        {
            subtask.Mail(() => subtask.CheckpointEnded(checkpoint));
        }
        return _quiet;
    }

    private bool HasChanged()
    {
        long records = _graph.Subtasks.Sum(subtask => subtask.Records);
        bool changed = records != _recordsAtLast || _inFlightAtLast;
        _recordsAtLast = records;
        return changed;
    }

    private long? NextAfterStart(bool isRestart) =>
        HasInterval ? _lane.After(isRestart && FirstAfterRestart < Settings.CheckpointInterval ? FirstAfterRestart : Settings.CheckpointInterval) : null;

    private long? NextAfter(long triggered)
    {
        if (!HasInterval)
        {
            return null;
        }
        long interval = (long)(Settings.CheckpointInterval.TotalSeconds * Time.TimestampFrequency);
        return Math.Max(triggered + interval, _lane.After(Settings.CheckpointMinPause));
    }

    private long? UploadDeadline() => _parts.Commit.UploadDeadline is { } deadline ? _lane.After(deadline - Time.GetUtcNow()) : null;

    private void PostFor(Checkpoint checkpoint, Action<PendingCheckpoint> action) => _lane.Post(() =>
    {
        if (_pending is { } pending && pending.Checkpoint == checkpoint && !checkpoint.Ended)
        {
            action(pending);
        }
    });
}
