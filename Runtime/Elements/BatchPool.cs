using Weir.StateStore;

namespace Weir.Runtime.Elements;

/// <summary>Knows which batches of an attempt are out, so that a leak is a failure and not a slow death.</summary>
internal abstract class BatchPool
{
    /// <summary>Batches that somebody holds.</summary>
    public abstract int Outstanding { get; }

    /// <summary>In Debug builds: who rented what is out, for the message of a failed check.</summary>
    public abstract string Renters { get; }
}

/// <summary>Keeps the batches of one gate for reuse. Thread: any; a lock a batch.</summary>
internal sealed class BatchPool<T>(string renter) : BatchPool
{
    private readonly Lock _lock = new();
    private readonly Stack<Batch<T>> _free = new();
    private int _outstanding;
#if DEBUG
    private readonly HashSet<Batch<T>> _out = [];
#endif

    public override int Outstanding => Volatile.Read(ref _outstanding);

    public override string Renters => $"{renter}: {Outstanding}";

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
