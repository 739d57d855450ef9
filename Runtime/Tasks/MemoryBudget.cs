using Weir.StateStore;

namespace Weir.Runtime;

/// <summary>The memory that the jobs of a process may take together, part by part. Unbounded unless somebody sets it; what is taken is counted in any case.</summary>
/// <remarks>
/// Thread: any. Of each part, what a record in hand needs is given beyond the bound, so that nothing is left half done: the bound holds from the next record on. What the runtime itself takes (code, garbage,
/// threads), users' objects, and what connectors' clients take in native code is not in here.
/// </remarks>
public sealed class MemoryBudget
{
    /// <summary>Bytes for batches: queued in channels, being read, or held by a checkpoint until they are stored. Beyond it each gate has one batch at a time: back-pressure.</summary>
    public long ChannelBytesMax
    {
        get => Channels.BytesMax;
        set => Channels.BytesMax = value;
    }

    /// <summary>Bytes for keyed state. A job that goes beyond fails for good, and says so.</summary>
    public long StateBytesMax
    {
        get => State.BytesMax;
        set => State.BytesMax = value;
    }

    /// <summary>Bytes for copies of state that was written to while its snapshot was being stored. Beyond it the checkpoint is given up, unless it has switched transactions already.</summary>
    public long CopyBytesMax
    {
        get => Copies.BytesMax;
        set => Copies.BytesMax = value;
    }

    /// <summary>Bounds <see cref="JobSettings.MaxOverflowBytes"/> of each job.</summary>
    public long OverflowBytesMax { get; set; } = long.MaxValue;

    /// <summary>Bounds <see cref="JobSettings.MaxInFlightBytes"/> of each job.</summary>
    public long InFlightBytesMax { get; set; } = long.MaxValue;

    /// <summary>Bytes that batches take now.</summary>
    public long ChannelBytes => Channels.Taken;

    /// <summary>Bytes that keyed state takes now.</summary>
    public long StateBytes => State.Taken;

    /// <summary>Bytes that copies of state take now.</summary>
    public long CopyBytes => Copies.Taken;

    /// <summary>Bytes that keyed state has taken outside of what the garbage collector knows, over all jobs of the process.</summary>
    public static long NativeStateBytes => PageStore.NativeBytes;

    internal MemoryShare Channels { get; } = new();

    internal MemoryShare State { get; } = new();

    internal MemoryShare Copies { get; } = new();
}

/// <summary>What a job wants of memory, as far as its graph tells.</summary>
/// <param name="ChannelBytes">Bytes of the batches that its gates may fill, each as large as it becomes before it is sent.</param>
/// <param name="Readers">Subtasks that read a log: each has a client.</param>
/// <param name="Writers">Subtasks that write to a log, outside of transactions: each has a client.</param>
/// <param name="HasTransactions">Whether others write in transactions, for which the job has clients of its own.</param>
public sealed record JobMemoryNeeds(long ChannelBytes, int Readers, int Writers, bool HasTransactions);
