using System.Diagnostics;
using System.Runtime.CompilerServices;
using Weir.Runtime.Gates;
using Weir.StateStore;

namespace Weir.Runtime.Elements;

/// <summary>A pooled batch of records apart from their type: count, timestamps, hashes, bytes, references.</summary>
/// <remarks>
/// Filled by one producer, then read-only: by its consumer, and by the writer of an open checkpoint, each with a reference of its own.
/// Who holds the last reference gives it back to its pool by letting go.
/// </remarks>
internal abstract class Batch
{
    /// <summary>Records a batch holds at most; a lock taken once a batch then costs 0.2 % of an exchange.</summary>
    public const int Capacity = 256;

    /// <summary>A batch whose bytes pass this is closed, however few its records.</summary>
    public const int BytesMax = 32 * 1024;

    private int _references;
    private MemoryShare? _budget;
    private long _budgetBytes;

    // What its pool has counted of it.
    private long _counted;

    public int Count { get; protected set; }

    /// <summary>What the slices of its records refer to.</summary>
    public ByteArena Arena { get; } = new();

    public long[] Timestamps { get; } = new long[Capacity];

    /// <summary>The stable key hash of each record, on keyed edges.</summary>
    public uint[] Hashes { get; } = new uint[Capacity];

    public bool IsFull => Count == Capacity || Arena.Length >= BytesMax;

    /// <summary>Whether its gate took it beyond its pool and its overdraft: when it is sent, the memory budget holds it, or the spill file its records.</summary>
    public bool IsBeyondOverdraft { get; set; }

    /// <summary>Memory in bytes that it takes itself, with its arena as it is now; what its records refer to apart from that is not counted.</summary>
    public abstract long Bytes { get; }

    /// <summary>Bytes that a checkpoint would store of its records, about.</summary>
    public long StoredBytes => Arena.Length + (Count * (long)RecordFormat.HeaderSize);

    public int References => Volatile.Read(ref _references);

    /// <summary>Adds an owner.</summary>
    public void Retain()
    {
        int references = Interlocked.Increment(ref _references);
        Debug.Assert(references > 1, "retained after it was let go");
    }

    /// <summary>One owner is done with it.</summary>
    public void LetGo()
    {
        int references = Interlocked.Decrement(ref _references);
        Debug.Assert(references >= 0, "let go twice");
        if (references == 0)
        {
            Recycle();
        }
    }

    /// <summary>Takes its memory from the budget; false: there is not enough.</summary>
    public bool TryTake(MemoryShare budget, long bytes)
    {
        if (!budget.TryTake(bytes))
        {
            return false;
        }
        _budget = budget;
        _budgetBytes = bytes;
        return true;
    }

    /// <summary>Its consumer is done with it: what it took of the budget goes back, if it took anything, whatever a checkpoint still does with it.</summary>
    public void ReturnToBudget()
    {
        _budget?.Return(_budgetBytes);
        _budgetBytes = 0;
    }

    /// <summary>Has its pool count what it has grown by. Its owner's, where it is the only one.</summary>
    public void CountMemory()
    {
        long bytes = Bytes;
        if (bytes != _counted)
        {
            Pool.Count(bytes - _counted);
            _counted = bytes;
        }
    }

    /// <summary>The pool that it goes back to.</summary>
    protected abstract BatchPool Pool { get; }

    /// <summary>Ends its life; whether the pool keeps its memory. That of the budget is collected, so that pools do not hoard what all gates share.</summary>
    protected bool EndLife()
    {
        ReturnToBudget(); // Where no consumer came: the attempt is over.
        IsBeyondOverdraft = false;
        Arena.Clear();
        bool keep = _budget is null;
        if (!keep)
        {
            Pool.Count(-_counted);
            return false;
        }
        if (Arena.Array.Length > 2 * BytesMax && Pool.IsShort)
        {
            Arena.Drop(); // A large record made it grow, and others need room.
            CountMemory();
        }
        return true;
    }

    protected abstract void Recycle();

    protected void BeginLife() => Volatile.Write(ref _references, 1);
}

/// <summary>A pooled batch of records of one type.</summary>
internal sealed class Batch<T> : Batch
{
    // Headers of its objects, and itself.
    private const int ObjectBytes = 256;

    private readonly BatchPool<T> _pool;

    internal Batch(BatchPool<T> pool) => _pool = pool;

    public override long Bytes => BytesWithoutArena + Arena.Array.Length;

    /// <summary>As large as one becomes before it is sent, where its records are not larger than that; without what they refer to.</summary>
    /// <param name="hasBytes">Whether they have some in its arena.</param>
    public static long BytesUsually(bool hasBytes) => BytesWithoutArena + (hasBytes ? 2 * BytesMax : 0);

    private static long BytesWithoutArena => ObjectBytes + (Capacity * (long)(Unsafe.SizeOf<T>() + sizeof(long) + sizeof(uint)));

    protected override BatchPool Pool => _pool;

    public T[] Items { get; } = new T[Capacity];

    /// <summary>Copies a record to the end, and what its slices refer to into this batch's arena.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in T record, RecordContext context, Codec<T>? slices)
    {
        int index = Count;
        Debug.Assert(index < Capacity && References > 0, "added to a batch that is full or not ours");
        ref var item = ref Items[index];
        item = record;
        Timestamps[index] = context.Timestamp;
        Hashes[index] = context.Hash;
        slices?.Move(ref item, context.Bytes, Arena);
        Count = index + 1;
    }

    internal void Rented() => BeginLife();

    protected override void Recycle()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            Array.Clear(Items, 0, Count); // A pooled batch must not keep users' objects alive.
        }
        Count = 0;
        _pool.Return(this, keep: EndLife());
    }
}
