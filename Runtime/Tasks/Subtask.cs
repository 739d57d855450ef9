using Weir.Runtime.Checkpointing;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>One parallel instance of a task: takes mail, then records while there is room for what they make. Its one entry point never blocks.</summary>
/// <remarks>
/// Thread: whoever runs <see cref="Step"/>, one at a time; others reach it by mail, by <see cref="BarrierArrived"/>, and by waking it.
/// What it does when a barrier comes is in Subtask.Checkpoint.cs; where its records come from, in the classes that derive from it.
/// </remarks>
internal abstract partial class Subtask : Runnable
{
    /// <summary>A Step ends after so many records: about a millisecond of ordinary work, so that others get their turn.</summary>
    protected const int RecordsPerStep = 1024;

    /// <summary>What is slow while code is compiled and connections are made is nobody's fault.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StepLimit = TimeSpan.FromMilliseconds(1);

    private readonly Lock _mailLock = new();
    private readonly IReadOnlyList<IOutputGate> _outputs;
    private readonly IReadOnlyList<IOperator> _operators;
    private readonly ISubtaskEvents _events;
    private readonly Func<StepResult> _takeTurn;
    private readonly Func<StepResult> _lookAtMail;
    private List<Action> _mail = [];
    private List<Action> _opened = [];
    private volatile bool _interrupted;
    private bool _finished;
    private bool _failed;
    private readonly long _madeAt;
    private long _longSteps;
    private long _nextSaid = 1;

    protected Subtask(SubtaskParts parts)
        : base(parts.Executor)
    {
        Id = parts.Id;
        Name = parts.Name;
        Ordinal = parts.Ordinal;
        Record = parts.Record;
        _outputs = [.. parts.Exits.SelectMany(static exit => exit.Outputs)];
        _exits = parts.Exits;
        _operators = parts.Operators;
        _generates = parts.Operators.Any(static member => member.GeneratesWatermarks);
        _events = parts.Events;
        _sink = parts.Sink;
        _maxInFlightBytes = parts.MaxInFlightBytes;
        foreach (var state in parts.Operators.Select(static member => member.State).OfType<KeyedState>())
        {
            state.CopiesOverflowed = CopiesOverflowed;
        }
        _takeTurn = TakeTurn;
        _lookAtMail = LookAtMail;
        _madeAt = parts.Executor.Time.GetTimestamp();
    }

    public SubtaskId Id { get; }

    /// <summary>The task's name and the subtask's index, for people.</summary>
    public string Name { get; }

    /// <summary>Its number among all subtasks of the job: chooses the file it shares.</summary>
    public int Ordinal { get; }

    /// <summary>The operators of its chain, head first.</summary>
    public IReadOnlyList<IOperator> Operators => _operators;

    /// <summary>The way out over each edge.</summary>
    public IReadOnlyList<IOutputGate> Outputs => _outputs;

    /// <summary>Whether it is a source: checkpoints begin here.</summary>
    public abstract bool IsSource { get; }

    /// <summary>The source's operator id, where it is one.</summary>
    public virtual string? Source => null;

    /// <summary>Whether its chain ends in a transactional sink: then it snapshots at the switch.</summary>
    public bool HasTransactionalSink => _sink is not null;

    /// <summary>Records that wait behind what its source took; null where that is not known, or it has none. Any thread.</summary>
    public virtual long? Lag => null;

    /// <summary>Bytes taken from channels since the start, about: what a checkpoint would store of them.</summary>
    public long BytesTaken { get; set; }

    /// <summary>Records taken since the start.</summary>
    public long Records => Record.Emitted;

    /// <summary>Mail has come: the Step leaves its records after the one in hand.</summary>
    public bool MustYield => _interrupted || Executor.IsUrgent;

    protected RecordContext Record { get; }

    /// <summary>Mail or a barrier waits to be seen. Any thread.</summary>
    public bool HasMail => _interrupted || _barrierArrived;

    /// <summary>Asks it to do something on its thread, before its next record, also while it is blocked. Any thread.</summary>
    public void Mail(Action action)
    {
        lock (_mailLock)
        {
            _mail.Add(action);
            _interrupted = true;
        }
        Wake(urgent: true);
    }

    /// <summary>A source reads nothing more: what it has read so far is all, and it ends. By mail.</summary>
    public virtual void Drain() => throw new InvalidOperationException($"{Name} is no source.");

    /// <summary>Adds restored in-flight records of one of its channels, behind those it has; before its first Step.</summary>
    /// <inheritdoc cref="RestoredInput{T}.Add" path="/param"/>
    public virtual void AddRestored(Gates.Channel channel, int layer, ReadOnlyMemory<byte> stored, SegmentHandle? origin) =>
        throw new InvalidOperationException($"{Name} has no channels.");

    /// <summary>The attempt is over: when the task completes, no thread is in its code, and none will be.</summary>
    public virtual Task EndAsync() => CloseAsync();

    /// <summary>The attempt is over and nobody steps it any more: all that it holds is released.</summary>
    public virtual void Release()
    {
        ReleaseCheckpoint();
        foreach (var output in _outputs)
        {
            output.Clear();
        }
        foreach (var member in _operators)
        {
            member.Close();
        }
    }

    /// <summary>A legacy source's thread begins to push, under its lock; false: there is no room, or nothing may be pushed any more.</summary>
    public bool BeginPush()
    {
        Record.StopAfterThis = false;
        return !_failed && !_finished && HasRoom();
    }

    /// <summary>It ends, under its lock: mail that has come meanwhile is opened here, since no worker could.</summary>
    public void EndPush()
    {
        NotePushed();
        if (HasMail && !_failed)
        {
            _ = Guard(_lookAtMail);
        }
    }

    /// <summary>Something could not be processed to its end: nothing of this subtask is stored any more, and the attempt ends.</summary>
    public void Fail(Exception failure)
    {
        _failed = true;
        _events.Failed(this, failure);
    }

    protected sealed override StepResult Step()
    {
        if (Lock is not { } pushes)
        {
            return _failed ? StepResult.Idle : Guard(_takeTurn);
        }
        if (!pushes.TryEnterStep())
        {
            return StepResult.Idle; // Who holds it looks for mail when it lets go, and wakes us.
        }
        bool hasRoom = false;
        try
        {
            var result = _failed ? StepResult.Idle : Guard(_takeTurn);
            hasRoom = !_failed && HasRoom();
            return result;
        }
        finally
        {
            pushes.ExitStep(hasRoom);
        }
    }

    /// <summary>Says the first one, the tenth, the hundredth.</summary>
    protected sealed override void SteppedLong(TimeSpan took)
    {
        if (Executor.Time.GetElapsedTime(_madeAt) >= WarmUp && ++_longSteps == _nextSaid)
        {
            _nextSaid *= 10;
            _events.SteppedLong(this, took);
        }
    }

    /// <summary>What keeps workers and the thread of a legacy source apart; null where records are not pushed.</summary>
    protected virtual CheckpointLock? Lock => null;

    /// <summary>Records were pushed.</summary>
    protected virtual void NotePushed()
    {
    }

    /// <summary>Takes records until the budget is used, <see cref="MustYield"/>, or <see cref="RecordContext.StopAfterThis"/>.</summary>
    /// <param name="deadline">The timestamp at which the turn is over.</param>
    protected abstract InputResult TakeRecords(long deadline);

    /// <summary>Whether all members of the chain and all gates have room: rule 1.</summary>
    protected bool HasRoom()
    {
        foreach (var output in _outputs)
        {
            if (!output.HasRoom)
            {
                return false;
            }
        }
        foreach (var member in _operators)
        {
            if (!member.IsReady)
            {
                return false;
            }
        }
        return true;
    }

    private StepResult Guard(Func<StepResult> turn)
    {
        try
        {
            return turn();
        }
#pragma warning disable CA1031 // Whatever a user's code throws fails the attempt; it may not end a worker.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
            return StepResult.Idle;
        }
    }

    private StepResult LookAtMail()
    {
        OpenMail();
        _ = ScanBarriers();
        return StepResult.Idle;
    }

    private StepResult TakeTurn()
    {
        OpenMail();
        _ = ScanBarriers();
        if (_finished)
        {
            return StepResult.Idle;
        }
        Record.StopAfterThis = false;
        if (!HasRoom())
        {
            EndStep();
            return HasRoom() ? StepResult.Ready : Pause(StepResult.Blocked);
        }
        long deadline = Executor.Time.GetTimestamp() + (long)(StepLimit.TotalSeconds * Executor.Time.TimestampFrequency);
        var input = TakeRecords(deadline);
        if (ScanBarriers())
        {
            input = InputResult.More; // A cut was reached and taken: there may be more behind it.
        }
        EndStep();
        switch (input)
        {
            case InputResult.Empty:
                return Pause(StepResult.Idle);
            case InputResult.Ended:
                return Finish();
            case InputResult.More when Record.StopAfterThis && !HasRoom():
                return Pause(StepResult.Blocked);
            default:
                return StepResult.Ready;
        }
    }

    private StepResult Pause(StepResult result)
    {
        Record.Blocks += result == StepResult.Blocked ? 1 : 0;
        foreach (var output in _outputs)
        {
            output.Flush();
        }
        return result;
    }

    private void EndStep()
    {
        foreach (var member in _operators)
        {
            member.EndStep();
        }
        PassGenerated();
    }

    /// <summary>All input was read: says so behind the output, once sinks have handed on all they hold and no capture is open.</summary>
    private StepResult Finish()
    {
        if (!HasRoom() || HasOpenCapture)
        {
            return Pause(StepResult.Blocked);
        }
        _finished = true;
        PassWatermark(long.MaxValue, isIdle: false);
        foreach (var output in _outputs)
        {
            output.PutEnd();
        }
        _events.Finished(this, _lastSnapshot);
        return StepResult.Idle;
    }

    private void OpenMail()
    {
        if (!_interrupted)
        {
            return;
        }
        lock (_mailLock)
        {
            (_mail, _opened) = (_opened, _mail);
            _interrupted = false;
        }
        foreach (var action in _opened)
        {
            action();
        }
        _opened.Clear();
    }
}

/// <summary>What there was to read.</summary>
internal enum InputResult
{
    /// <summary>The turn was over, or there was no room; there is more, or may be.</summary>
    More,

    /// <summary>Nothing now.</summary>
    Empty,

    /// <summary>Everything was read, to its end.</summary>
    Ended,
}
