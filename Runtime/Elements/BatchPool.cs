using Weir.StateStore;

namespace Weir.Runtime.Elements;

/// <summary>Knows which batches of an attempt are out, so that a leak is a failure and not a slow death.</summary>
internal abstract class BatchPool
{
    /// <summary>Batches that somebody holds.</summary>
    public abstract int Outstanding { get; }

    /// <summary>Whether so much memory is taken that batches which grew large are not kept as they are.</summary>
    public abstract bool IsShort { get; }

    /// <summary>Counts what one of its batches takes more, or, negative, less.</summary>
    public abstract void Count(long bytes);

    /// <summary>Gives back what all its batches were counted with, wherever they are: the attempt is over.</summary>
    public abstract void Release();

    /// <summary>In Debug builds: who rented what is out, for the message of a failed check.</summary>
    public abstract string Renters { get; }
}

/// <summary>Keeps the batches of one gate for reuse. Thread: any; a lock a batch.</summary>
internal sealed class BatchPool<T>(string renter, MemoryShare? memory = null) : BatchPool
{
    private readonly Lock _lock = new();
    private readonly Stack<Batch<T>> _free = new();
    private int _outstanding;
    private long _bytes;
    private bool _released;
#if DEBUG
    private readonly HashSet<Batch<T>> _out = [];
#endif

    public override int Outstanding => Volatile.Read(ref _outstanding);

    public override string Renters => $"{renter}: {Outstanding}";

    public override bool IsShort => memory is not null && memory.Taken > memory.BytesMax / 2;

    public override void Count(long bytes)
    {
        lock (_lock)
        {
            if (!_released)
            {
                _bytes += bytes;
                memory?.Take(bytes);
            }
        }
    }

    public override void Release()
    {
        lock (_lock)
        {
            _released = true;
            memory?.Return(_bytes);
            _bytes = 0;
        }
    }

    /// <summary>Hands out an empty batch; the caller is its one owner.</summary>
    public Batch<T> Rent()
    {
        Batch<T>? batch;
        lock (_lock)
        {
            _outstanding++;
            _ = _free.TryPop(out batch);
            batch ??= new Batch<T>(this);
#if DEBUG
            Invariant.Holds(_out.Add(batch));
#endif
        }
        batch.Rented();
        batch.CountMemory();
        return batch;
    }

    internal void Return(Batch<T> batch, bool keep)
    {
        lock (_lock)
        {
            _outstanding--;
#if DEBUG
            Invariant.Holds(_out.Remove(batch));
#endif
            Invariant.Holds(_outstanding >= 0);
            if (keep)
            {
                _free.Push(batch);
            }
        }
    }
}
