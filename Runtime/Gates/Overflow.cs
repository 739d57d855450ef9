using System.Runtime.CompilerServices;
using Weir.Runtime.Elements;
using Weir.StateStore;

namespace Weir.Runtime.Gates;

/// <summary>Where the batches go that one gate takes beyond its overdraft: into the memory budget of the attempt, and what that does not hold into its spill file.</summary>
/// <remarks>Thread: the one that steps the producing subtask. A batch that is still being filled is of neither: there is one for each channel at most.</remarks>
internal sealed class Overflow<T>(RecordFormat<T> format, MemoryShare budget, SpillSpace space)
{
    private readonly ByteArena _stored = new();

    /// <summary>Batches that the budget held, since the start.</summary>
    public long BatchesInMemory { get; private set; }

    /// <summary>Batches whose records were spilled, since the start.</summary>
    public long BatchesSpilled { get; private set; }

    /// <summary>Decides where a full batch waits. Null: in memory, as it is. Else what stands for it; the batch itself is not needed any more.</summary>
    /// <exception cref="JobException">The spill file does not take it.</exception>
    public SpilledBatch? PutAside(Batch<T> batch)
    {
        _stored.Clear();
        if (batch.TryTake(budget, BytesOf(batch)))
        {
            BatchesInMemory++;
            return null;
        }
        Encode(batch);
        var spilled = space.Put(_stored.Written, batch.Count);
        BatchesSpilled++;
        return spilled;
    }

    /// <summary>What a batch takes of memory, rather too much than too little: what it holds itself, and twice the stored bytes of what its records refer to.</summary>
    private long BytesOf(Batch<T> batch)
    {
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            return batch.Bytes;
        }
        Encode(batch); // Nobody else knows how large objects are; twice, for texts are UTF-16.
        return batch.Bytes + (2L * _stored.Length);
    }

    private void Encode(Batch<T> batch)
    {
        if (_stored.Length == 0)
        {
            int encoded = format.Encode(batch, 0, int.MaxValue, _stored);
            Invariant.Holds(encoded == batch.Count);
        }
    }
}
