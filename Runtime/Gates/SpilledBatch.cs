using Weir.StateStore;

namespace Weir.Runtime.Gates;

/// <summary>The records of one batch that wait in the spill file: what lies in a channel instead of them.</summary>
/// <remarks>
/// Read by its consumer, and copied by the writer of each checkpoint whose barrier overtook it, each with a reference of its own.
/// Who lets the last one go frees its place in the file.
/// </remarks>
internal sealed class SpilledBatch(SpillSpace space, long offset, int length, uint checksum, int count)
{
    private int _references = 1;

    /// <summary>Bytes of its records as they are stored in flight.</summary>
    public int Length => length;

    /// <summary>How many records.</summary>
    public int Count => count;

    /// <summary>Appends its records, as they are stored in flight.</summary>
    /// <exception cref="JobException">They can't be read, or are not what was written.</exception>
    public void AppendTo(ByteArena output)
    {
        Invariant.Holds(Volatile.Read(ref _references) > 0);
        int start = output.Length;
        _ = output.Claim(length);
        var bytes = output.WrittenFrom(start);
        space.Read(bytes, offset);
        if (Crc32C.Of(bytes) != checksum)
        {
            throw new JobException(JobFailure.Transient, $"{length} bytes at {offset} of {space.Location} are damaged: other bytes were written there. Look after the disk.");
        }
    }

    /// <summary>Adds an owner.</summary>
    public void Retain() => Interlocked.Increment(ref _references);

    /// <summary>One owner is done with it.</summary>
    public void LetGo()
    {
        int references = Interlocked.Decrement(ref _references);
        Invariant.Holds(references >= 0);
        if (references == 0)
        {
            space.Free(offset, length);
        }
    }
}
