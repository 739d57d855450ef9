namespace Weir.StateStore;

/// <summary>Keeps the buffers of segment writers from one checkpoint to the next: what is this large is collected late, and a checkpoint a second fills memory with it.</summary>
/// <remarks>Thread: any.</remarks>
internal static class SegmentBuffers
{
    private const int FirstBytes = 64 << 10;

    // A segment of 1 MiB and an entry more fit. What a larger one made of its buffer is given back.
    private const int KeptBytesMax = 2 << 20;

    // As many files as are usually written at once; 32 MiB at most.
    private const int KeptMax = 16;

    private static readonly Lock Gate = new();
    private static readonly Stack<ByteArena> Kept = new();

    /// <summary>Hands out an empty buffer; it is the caller's until it is returned.</summary>
    public static ByteArena Rent()
    {
        lock (Gate)
        {
            return Kept.TryPop(out var buffer) ? buffer : new ByteArena(FirstBytes);
        }
    }

    /// <summary>Takes a buffer back, to be used by others. One that is forgotten instead is collected.</summary>
    public static void Return(ByteArena buffer)
    {
        buffer.Clear();
        lock (Gate)
        {
            if (buffer.Array.Length <= KeptBytesMax && Kept.Count < KeptMax)
            {
                Kept.Push(buffer);
            }
        }
    }
}
