namespace Weir.StateStore;

/// <summary>One part of the memory that jobs may take, and how much of it is taken.</summary>
/// <remarks>Thread: any. What is taken is counted by who takes it, a batch, a page or a chunk at a time.</remarks>
internal sealed class MemoryShare(long bytesMax = long.MaxValue)
{
    private long _bytesMax = bytesMax;
    private long _taken;

    /// <summary>How much there is.</summary>
    public long BytesMax
    {
        get => Volatile.Read(ref _bytesMax);
        set => Volatile.Write(ref _bytesMax, value);
    }

    /// <summary>Bytes that are taken and not yet given back.</summary>
    public long Taken => Volatile.Read(ref _taken);

    public bool HasRoom => Taken < BytesMax;

    /// <summary>Takes so many, whether they are there or not; negative gives back.</summary>
    public void Take(long bytes)
    {
        long taken = Interlocked.Add(ref _taken, bytes);
        Invariant.Holds(taken >= 0);
    }

    /// <summary>Takes so many, unless that would be more than there are.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= BytesMax)
        {
            return true;
        }
        Return(bytes); // Meanwhile another may have been refused that would have fitted, which is no harm.
        return false;
    }

    public void Return(long bytes) => Take(-bytes);
}
