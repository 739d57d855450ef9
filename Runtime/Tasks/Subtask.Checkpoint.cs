using Weir.Runtime.Checkpointing;
using Weir.Runtime.Gates;
using Weir.Runtime.Operators;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>What a subtask does when a barrier comes.</summary>
/// <remarks>
/// Sync: barrier on all outputs, references to what the inputs hold before their cuts, copy-on-write snapshot of the state. Then it goes on.
/// Async: writers store both; when the barriers of all channels have come and all is written, the subtask has acknowledged.
/// A task whose chain ends in a transactional sink is only <i>ready</i> at its barriers, and does the sync part at the switch.
/// </remarks>
internal abstract partial class Subtask
{
    private readonly ISinkOperator? _sink;
    private readonly long _maxInFlightBytes;
    private volatile bool _barrierArrived;
    private Checkpoint? _awaited;
    private Checkpoint? _ready;
    private OpenSnapshot? _open;
    private long _lastSnapshot;

    /// <summary>The channels it reads; none for a source.</summary>
    protected abstract IReadOnlyList<Channel> Inputs { get; }

    /// <summary>Whether a checkpoint's barrier has come, but not from all those it must have come from before this subtask may snapshot: what is before theirs is read first.</summary>
    protected bool AwaitsBarriers => _awaited is { Ended: false };

    private bool HasOpenCapture => _open is { BarriersMissing: > 0 };

    /// <summary>A barrier that may be acted on at once was put into one of its channels. Any thread.</summary>
    public void BarrierArrived()
    {
        _barrierArrived = true;
        _interrupted = true;
        Wake(urgent: true);
    }

    /// <summary>Reading has reached the cut of an aligned barrier. The subtask's own thread.</summary>
    public void CutReached() => _barrierArrived = true;

    /// <summary>A checkpoint begins here: at a source, or at a subtask that has finished. By mail.</summary>
    public void Trigger(Checkpoint checkpoint)
    {
        if (!checkpoint.Ended && _lastSnapshot < checkpoint.Id)
        {
            Act(checkpoint);
        }
    }

    /// <summary>Every sink of the slot is ready: snapshots, and turns to the next transaction. By mail.</summary>
    public void Switch(Checkpoint checkpoint)
    {
        Invariant.Holds(_ready == checkpoint && !checkpoint.Ended);
        _ready = null;
        EndStep();
        TakeSnapshot(checkpoint);
        _sink!.Switch(checkpoint.Id);
        _events.Switched(this, checkpoint);
    }

    /// <summary>A checkpoint was given up, or is complete: lets go of what was held for it. By mail.</summary>
    public void CheckpointEnded(Checkpoint checkpoint)
    {
        if (_ready == checkpoint)
        {
            _ready = null;
        }
        if (_open?.Checkpoint == checkpoint)
        {
            ReleaseCheckpoint();
        }
    }

    /// <summary>Adds what the next snapshot stores of sources.</summary>
    protected virtual void AddPositions(ICollection<SplitPosition> positions)
    {
    }

    /// <summary>Adds what was taken from the inputs and is not yet processed: the rest of the batch in hand, and restored records.</summary>
    protected virtual void CaptureInHand(InFlightCapture capture)
    {
    }

    /// <summary>A batch was taken from a channel whose barrier has not come: it belongs to the open checkpoint.</summary>
    public void CaptureTaken<T>(Channel channel, in Element<T> taken)
    {
        if (_open is { BarriersMissing: > 0 } open && open.Missing.Contains(channel))
        {
            taken.AddTo(open.Capture, channel);
            CheckBound(open);
        }
    }

    /// <summary>Looks for barriers if any came; true when one was acted on.</summary>
    private bool ScanBarriers()
    {
        if (!_barrierArrived)
        {
            return false;
        }
        _barrierArrived = false;
        if (_finished)
        {
            return false; // The coordinator triggers it by mail.
        }
        Checkpoint? seen = null;
        int missing = 0;
        int awaited = 0;
        foreach (var channel in Inputs)
        {
            if (channel.VisibleBarrier is { } barrier)
            {
                seen = barrier;
            }
            else
            {
                missing++;
                awaited += channel.IsAwaited ? 1 : 0;
            }
        }
        _awaited = null;
        if (seen is null || seen.Ended)
        {
            return false;
        }
        NoteBarrier(SubtaskStep.BarrierSeen, seen);
        if (_open?.Checkpoint == seen)
        {
            TakeLateBarriers(_open);
            return true;
        }
        if (_lastSnapshot >= seen.Id || (seen.Mode == CheckpointMode.Aligned && missing > 0))
        {
            return false;
        }
        if (awaited > 0)
        {
            _awaited = seen;
            return false;
        }
        Act(seen);
        return true;
    }

    private void Act(Checkpoint checkpoint)
    {
        NoteBarrier(SubtaskStep.BarrierSeen, checkpoint); // Where it was triggered; a barrier was noted when it came.
        if (_sink is null)
        {
            TakeSnapshot(checkpoint);
        }
        else if (_ready != checkpoint)
        {
            _ready = checkpoint;
            Note(SubtaskStep.Ready, checkpoint);
            _events.Ready(this, checkpoint);
        }
    }

    /// <summary>Snapshots, unless the checkpoint has ended: it may at any moment, but is not quiet before the snapshot is over.</summary>
    private void TakeSnapshot(Checkpoint checkpoint)
    {
        if (!checkpoint.TryBeginPart())
        {
            return;
        }
        try
        {
            Snapshot(checkpoint);
        }
        finally
        {
            checkpoint.PartIsOver();
        }
    }

    private void Snapshot(Checkpoint checkpoint)
    {
        Invariant.Holds(checkpoint.Id > _lastSnapshot);
        long began = Executor.Time.GetTimestamp();
        ReleaseCheckpoint(); // An earlier one was given up, and that mail is still under way.
        PassGenerated();
        foreach (var output in _outputs)
        {
            output.PutBarrier(checkpoint);
        }
        _lastSnapshot = checkpoint.Id;
        var open = _open = new OpenSnapshot(checkpoint, _finished, Inputs);
        checkpoint.TimesOf(this).NoteSnapshot(open.Mode, began);
        if (open.StoresInFlight)
        {
            CaptureInHand(open.Capture);
        }
        open.Watermarks = WatermarksNow();
        AddPositions(open.Positions);
        foreach (var member in _operators)
        {
            member.PrepareSnapshot();
            if (member.State is { } state)
            {
                open.State.Add((member.Id, state.Snapshot()));
            }
            if (member.OperatorState?.Snapshot() is { IsEmpty: false } image)
            {
                open.OperatorState.Add((member.Id, image));
            }
            if (member is ISinkOperator { IsTransactional: false } sink)
            {
                sink.EndStep();
                open.Flushes.Add(sink.FlushAsync(CancellationToken.None).AsTask());
            }
        }
        Note(SubtaskStep.SnapshotTaken, checkpoint);
        Invariant.Holds(checkpoint.TryRunPart(Executor, () => WriteStateAsync(open)));
        TakeLateBarriers(open);
    }

    private void TakeLateBarriers(OpenSnapshot open)
    {
        var capture = open.StoresInFlight ? open.Capture : null;
        _ = open.Missing.RemoveWhere(channel => channel.TakeBarrier(open.Checkpoint, capture));
        CheckBound(open);
        if (open.BarriersMissing == 0 && !open.CaptureIsClosed)
        {
            open.CaptureIsClosed = true;
            NoteBarrier(SubtaskStep.BarriersComplete, open.Checkpoint);
            _events.BarriersComplete(this, open.Checkpoint);
            if (!open.Checkpoint.TryRunPart(Executor, () => WriteInFlightAsync(open)))
            {
                open.Capture.Release();
            }
        }
    }

    private void CheckBound(OpenSnapshot open)
    {
        long more = open.Capture.Bytes - open.BytesCounted;
        open.BytesCounted += more;
        if (more > 0 && open.Checkpoint.AddInFlight(more) > _maxInFlightBytes)
        {
            _events.Overflowed(this, open.Checkpoint, $"more than {_maxInFlightBytes} bytes are in flight, and {Name} still waits for {open.BarriersMissing} barriers");
        }
    }

    /// <summary>State is written to while its snapshot is being stored, and memory for copies is used up.</summary>
    private void CopiesOverflowed()
    {
        if (_open is { HasOverflowed: false } open)
        {
            open.HasOverflowed = true;
            _events.Overflowed(this, open.Checkpoint, $"memory for copies of state is used up: {Name} wrote to more of it than there is room for, while its snapshot was being stored");
        }
    }

    private async Task WriteStateAsync(OpenSnapshot open)
    {
        try
        {
            var stored = new StoredState();
            foreach (var (id, snapshot) in open.State)
            {
                stored.Keyed.Add(id, await open.Checkpoint.Files.AppendAsync("state", Ordinal, async writer => await snapshot.WriteAsync(writer, CancellationToken.None)));
            }
            foreach (var (id, image) in open.OperatorState)
            {
                stored.Operator.Add(id, await open.Checkpoint.Files.AppendAsync("state", Ordinal, writer => image.WriteAsync(writer, CancellationToken.None)));
            }
            await Task.WhenAll(open.Flushes);
            open.StoredState = stored;
            Note(SubtaskStep.StateWritten, open.Checkpoint);
            AcknowledgeWhenWritten(open);
        }
#pragma warning disable CA1031 // Whatever storage throws ends the checkpoint, not the writer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            DeclineUnlessEnded(open, failure);
        }
        finally
        {
            foreach (var (_, snapshot) in open.State)
            {
                snapshot.Dispose();
            }
        }
    }

    private async Task WriteInFlightAsync(OpenSnapshot open)
    {
        try
        {
            open.StoredInFlight = open.Capture.Bytes == 0
                ? await open.Capture.WriteAsync(null, CancellationToken.None)
                : await open.Checkpoint.Files.AppendAsync("channel", Ordinal, writer => open.Capture.WriteAsync(writer, CancellationToken.None));
            Note(SubtaskStep.InFlightWritten, open.Checkpoint);
            AcknowledgeWhenWritten(open);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            open.Capture.Release();
            DeclineUnlessEnded(open, failure);
        }
    }

    private void AcknowledgeWhenWritten(OpenSnapshot open)
    {
        if (open.PartWritten() && !open.Checkpoint.Ended)
        {
            _events.Acknowledge(open.Checkpoint, new SubtaskSnapshot(this, open.Finished, open.Positions, open.StoredState!, open.StoredInFlight!, open.Watermarks));
        }
    }

    private void DeclineUnlessEnded(OpenSnapshot open, Exception failure)
    {
        if (!open.Checkpoint.Ended)
        {
            _events.Decline(this, open.Checkpoint, failure);
        }
    }

    private void Note(SubtaskStep step, Checkpoint checkpoint) => checkpoint.TimesOf(this).Note(step, Executor.Time.GetTimestamp());

    private void NoteBarrier(SubtaskStep step, Checkpoint checkpoint) => checkpoint.TimesOf(this).Note(step, Executor.Time.GetTimestamp(), BytesTaken);

    private void ReleaseCheckpoint()
    {
        if (_open is { CaptureIsClosed: false } open)
        {
            open.Capture.Release(); // A closed one is the writer's.
        }
        foreach (var (_, snapshot) in _open?.State ?? [])
        {
            snapshot.Abandon(); // Its writer may wait for the store for long.
        }
        _open = null;
    }

    /// <summary>The part of a checkpoint that one subtask has under way.</summary>
    private sealed class OpenSnapshot(Checkpoint checkpoint, bool finished, IReadOnlyList<Channel> inputs)
    {
        private int _partsToWrite = 2; // State, and what was in flight.

        public Checkpoint Checkpoint { get; } = checkpoint;

        public bool Finished { get; } = finished;

        /// <summary>How the barriers were met that the snapshot is taken at.</summary>
        public CheckpointMode Mode { get; } = checkpoint.Mode;

        /// <summary>Whether barriers may have overtaken something. Aligned, the snapshot is only taken where all cuts are reached: there is nothing before them, also if it turns unaligned now.</summary>
        public bool StoresInFlight => Mode == CheckpointMode.Unaligned && !Finished;

        /// <summary>The channels whose barrier has not come.</summary>
        public HashSet<Channel> Missing { get; } = finished ? [] : [.. inputs];

        public int BarriersMissing => Missing.Count;

        public InFlightCapture Capture { get; } = new();

        public bool CaptureIsClosed { get; set; }

        public long BytesCounted { get; set; }

        /// <summary>Whether it was said that there is no room for it.</summary>
        public bool HasOverflowed { get; set; }

        public List<SplitPosition> Positions { get; } = [];

        public SubtaskWatermarks Watermarks { get; set; } = SubtaskWatermarks.None;

        public List<(string Operator, StateSnapshot Snapshot)> State { get; } = [];

        public List<(string Operator, OperatorStateImage Image)> OperatorState { get; } = [];

        /// <summary>Sinks that are not transactional: all written before the barrier must have arrived.</summary>
        public List<Task> Flushes { get; } = [];

        public StoredState? StoredState { get; set; }

        public IReadOnlyList<StoredChannel>? StoredInFlight { get; set; }

        /// <summary>Notes that one part is written; true for the last.</summary>
        public bool PartWritten() => Interlocked.Decrement(ref _partsToWrite) == 0;
    }
}
