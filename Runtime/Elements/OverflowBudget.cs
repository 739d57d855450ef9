using Weir.StateStore;

namespace Weir.Runtime.Elements;

/// <summary>The memory that all gates of an attempt share for batches beyond their overdrafts.</summary>
/// <remarks>Thread: any. Asked once a batch, and only by a gate that is past its overdraft.</remarks>
internal sealed class OverflowBudget(long bytesMax)
{
    private long _taken;

    /// <summary>Bytes that are taken and not yet given back.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Takes so many, unless that would be more than there are.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= bytesMax)
        {
            return true;
        }
        Return(bytes); // Meanwhile another may have been refused that would have fitted: it spills, which is no harm.
        return false;
    }

    public void Return(long bytes)
    {
        long left = Interlocked.Add(ref _taken, -bytes);
        Invariant.Holds(left >= 0);
    }
}
