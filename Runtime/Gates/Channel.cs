using System.Diagnostics;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;
using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Gates;

/// <summary>The queue between two subtasks, apart from the type of its records: numbers of its elements, and its one barrier register.</summary>
/// <remarks>
/// A channel never reorders. It holds at most one barrier: the checkpoint, and the cut, which is the number of the first element behind it.
/// Overtaken is what lies in [next to read, cut). The consumer never reads past the cut before its own snapshot: it empties the register
/// when it takes the barrier. A barrier of a checkpoint that has ended counts as none.
/// Between its batches lie the producer's watermarks, each behind the records that were emitted before it. Of neighbours only the last one stays, so that there
/// are never more than batches, and one; and none is moved over a cut.
/// Thread: any, under the lock; one producer, one consumer. Bound: the credit of the producer's gate.
/// </remarks>
internal abstract class Channel(ChannelId id)
{
    protected readonly Lock Gate = new();
    private Checkpoint? _barrier;
    private long _cut;
    private bool _reached;
    private bool _ended;
    private volatile bool _awaitsCut;
    protected int Count;

    public ChannelId Id { get; } = id;

    /// <summary>The consumer, woken by what is put in; set when the plan is wired.</summary>
    public Subtask Consumer { get; set; } = null!;

    /// <summary>The producer's credit: what the consumer is done with goes back to it.</summary>
    public GateCredit Credit { get; set; } = null!;

    /// <summary>How its records are stored in flight.</summary>
    public required RecordFormat Format { get; init; }

    /// <summary>Whether its barriers never overtake: they are visible when reading reaches their cut, whatever the checkpoint's mode.</summary>
    public bool StaysAligned { get; init; }

    /// <summary>Whether its consumer may not snapshot before its barrier is visible: it stays aligned, or its producer waits for one that does.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>Whether the next take may find something: an element, or the cut of an aligned barrier. Read without the lock, so it may be late; who puts in wakes the consumer.</summary>
    public bool MayHaveMore => Volatile.Read(ref Count) != 0 || _awaitsCut;

    /// <summary>The highest watermark that was read, which is when all before it was processed; <see cref="long.MaxValue"/> once the producer's End was. The consumer's thread.</summary>
    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>Whether its producer brings nothing for now, by what was read last: the consumer's event time goes on without it. The consumer's thread.</summary>
    public bool IsIdle { get; private set; }

    /// <summary>Number of the next element to read.</summary>
    protected long Head { get; set; }

    /// <summary>Number of the next element to be put in.</summary>
    protected long Tail { get; set; }

    /// <summary>Whether the consumer has read the producer's End.</summary>
    public bool EndWasRead { get; protected set; }

    /// <summary>Puts a checkpoint's barrier behind all that was put in; it needs no room.</summary>
    public void PutBarrier(Checkpoint checkpoint)
    {
        bool urgent;
        lock (Gate)
        {
            if (checkpoint.Ended)
            {
                return;
            }
            Invariant.Holds(_barrier is null || _barrier.Ended || _barrier.Id < checkpoint.Id);
            _barrier = checkpoint;
            _cut = Tail;
            _reached = false;
            urgent = Overtakes(checkpoint);
            _awaitsCut = !urgent;
        }
        if (urgent)
        {
            Consumer.BarrierArrived();
        }
        else
        {
            Consumer.Wake();
        }
    }

    /// <summary>Puts a watermark behind all that was put in; it needs no room.</summary>
    /// <param name="watermark">Below <see cref="long.MaxValue"/>, which is what End says.</param>
    /// <param name="isIdle">Whether the producer brings nothing for now.</param>
    public void PutWatermark(long watermark, bool isIdle)
    {
        Debug.Assert(watermark < long.MaxValue, "End is the last watermark");
        lock (Gate)
        {
            bool isBehindCut = BarrierUnderLock() is not null && _cut == Tail;
            if (!isBehindCut && TryRaiseLastUnderLock(watermark, isIdle))
            {
                return; // Who put in the one that was there has woken the consumer, which has not read it.
            }
            PutWatermarkUnderLock(watermark, isIdle);
        }
        Consumer.Wake();
    }

    /// <summary>Reading has come to a watermark, live or restored. The consumer's thread.</summary>
    /// <returns>Whether it says more than all before it.</returns>
    public bool Advance(long watermark, bool isIdle)
    {
        if (watermark <= Watermark && isIdle == IsIdle)
        {
            return false;
        }
        Watermark = Math.Max(Watermark, watermark);
        if (IsIdle && !isIdle)
        {
            Watermark = Math.Max(Watermark, Consumer.WatermarkIn); // Event time went on without it, and does not go back.
        }
        IsIdle = isIdle;
        Consumer.WatermarkRead();
        return true;
    }

    /// <summary>Records of it are read, live or restored: its producer is not idle. The consumer's thread.</summary>
    protected internal void Activate()
    {
        if (IsIdle)
        {
            _ = Advance(Watermark, isIdle: false);
        }
    }

    /// <summary>The producer has finished: nothing but barriers comes after this.</summary>
    public void PutEnd()
    {
        lock (Gate)
        {
            Invariant.Holds(!_ended);
            _ended = true;
            PutEndUnderLock();
        }
        Consumer.Wake();
    }

    /// <summary>The barrier that the consumer may look at: an unaligned one at once, an aligned one when reading has reached its cut.</summary>
    public Checkpoint? VisibleBarrier
    {
        get
        {
            lock (Gate)
            {
                return BarrierUnderLock() is { } barrier && (_reached || Overtakes(barrier)) ? barrier : null;
            }
        }
    }

    /// <summary>The consumer takes the barrier, with its snapshot or after it: the register is emptied, reading may go on past the cut.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="overtaken">Receives a reference to each batch before the cut; null where nothing in flight is stored.</param>
    /// <returns>Whether the barrier was there.</returns>
    public bool TakeBarrier(Checkpoint checkpoint, InFlightCapture? overtaken)
    {
        lock (Gate)
        {
            if (_barrier != checkpoint)
            {
                return false;
            }
            Invariant.Holds(Head <= _cut);
            if (overtaken is not null && Head < _cut)
            {
                CaptureUnderLock(_cut, overtaken);
            }
            _barrier = null;
            return true;
        }
    }

    /// <summary>The coordinator's walk: a checkpoint has turned unaligned, so that its barrier is visible wherever it lies.</summary>
    public void LiftBarrier(Checkpoint checkpoint)
    {
        Invariant.Holds(checkpoint.Mode == CheckpointMode.Unaligned);
        lock (Gate)
        {
            if (_barrier != checkpoint || StaysAligned)
            {
                return;
            }
            _awaitsCut = false;
        }
        Consumer.BarrierArrived();
    }

    /// <summary>The coordinator's walk: a checkpoint has ended, its barrier goes.</summary>
    public void DropBarrier(Checkpoint checkpoint)
    {
        Invariant.Holds(checkpoint.Ended);
        lock (Gate)
        {
            if (_barrier != checkpoint)
            {
                return;
            }
            _barrier = null;
        }
        Consumer.Wake();
    }

    /// <summary>The attempt is over: lets go of what is queued.</summary>
    public abstract void Clear();

    protected abstract void PutWatermarkUnderLock(long watermark, bool isIdle);

    /// <summary>Raises the last element to a watermark, if it is one and unread.</summary>
    protected abstract bool TryRaiseLastUnderLock(long watermark, bool isIdle);

    protected abstract void PutEndUnderLock();

    protected abstract void CaptureUnderLock(long cut, InFlightCapture overtaken);

    /// <summary>Whether reading stands at the cut of a barrier; notes that it does.</summary>
    protected bool StandsAtCutUnderLock()
    {
        if (BarrierUnderLock() is null || Head < _cut)
        {
            return false;
        }
        Debug.Assert(Head == _cut, "read past a cut");
        if (!_reached)
        {
            _reached = true;
            _awaitsCut = false;
            Consumer.CutReached();
        }
        return true;
    }

    private bool Overtakes(Checkpoint checkpoint) => checkpoint.Mode == CheckpointMode.Unaligned && !StaysAligned;

    private Checkpoint? BarrierUnderLock()
    {
        if (_barrier is { Ended: true })
        {
            _barrier = null;
        }
        return _barrier;
    }
}

/// <summary>The queue between two subtasks.</summary>
internal sealed class Channel<T>(ChannelId id) : Channel(id)
{
    // Doubles when full; its bound is the gate's credit, what one record made beyond it, and a watermark behind each batch.
    private Element<T>[] _ring = new Element<T>[16];

    /// <summary>Puts in a batch; the channel owns it from here on.</summary>
    public void Put(Batch<T> batch)
    {
        Debug.Assert(batch.References > 0 && batch.Count > 0, "an empty or foreign batch");
        Put(new Element<T>(batch));
    }

    /// <summary>Puts in a batch whose records are in the spill file; the channel owns it from here on.</summary>
    public void Put(SpilledBatch spilled) => Put(new Element<T>(spilled));

    /// <summary>Takes the next batch, unless there is none or reading stands at a cut. The caller owns it, and returns the credit when it is done; what it took before was processed.</summary>
    /// <remarks>Watermarks before the batch are read with it.</remarks>
    public bool TryTake(out Element<T> taken)
    {
        lock (Gate)
        {
            while (!StandsAtCutUnderLock() && Count > 0)
            {
                ref var slot = ref SlotOf(Head);
                taken = slot;
                slot = default;
                Head++;
                Volatile.Write(ref Count, Count - 1);
                if (!taken.IsWatermark)
                {
                    Activate();
                    return true;
                }
                EndWasRead = taken.Watermark == long.MaxValue;
                if (Advance(taken.Watermark, taken.IsIdle) && !EndWasRead)
                {
                    Consumer.CaptureTaken(this, taken.Watermark, taken.IsIdle);
                }
            }
            taken = default;
            return false;
        }
    }

    public override void Clear()
    {
        lock (Gate)
        {
            for (; Count > 0; Count--, Head++)
            {
                ref var slot = ref SlotOf(Head);
                slot.LetGo();
                slot = default;
            }
        }
    }

    protected override void PutWatermarkUnderLock(long watermark, bool isIdle) => Enqueue(new Element<T>(watermark, isIdle));

    protected override bool TryRaiseLastUnderLock(long watermark, bool isIdle)
    {
        if (Count == 0 || SlotOf(Tail - 1) is not { IsWatermark: true } last)
        {
            return false;
        }
        SlotOf(Tail - 1) = new Element<T>(Math.Max(last.Watermark, watermark), isIdle);
        return true;
    }

    protected override void PutEndUnderLock() => Enqueue(new Element<T>(long.MaxValue));

    protected override void CaptureUnderLock(long cut, InFlightCapture overtaken)
    {
        for (long number = Head; number < cut; number++)
        {
            SlotOf(number).AddTo(overtaken, this);
        }
    }

    private void Put(in Element<T> element)
    {
        lock (Gate)
        {
            Enqueue(in element);
        }
        Consumer.Wake();
    }

    private ref Element<T> SlotOf(long number) => ref _ring[(int)(number & (_ring.Length - 1))];

    private void Enqueue(in Element<T> element)
    {
        if (Count == _ring.Length)
        {
            Grow();
        }
        SlotOf(Tail) = element;
        Tail++;
        Volatile.Write(ref Count, Count + 1);
    }

    private void Grow()
    {
        var larger = new Element<T>[_ring.Length * 2];
        for (long number = Head; number < Tail; number++)
        {
            larger[(int)(number & (larger.Length - 1))] = SlotOf(number);
        }
        _ring = larger;
    }
}
