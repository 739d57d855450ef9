using System.Runtime.InteropServices;

namespace Weir.StateStore;

/// <summary>Gives out zeroed pages. They never move, and live as long as the store.</summary>
/// <remarks>
/// Thread: the one that steps the subtask. Owns: native memory, freed when the store is collected; a table keeps its store, so whoever has a table may
/// use its pages. Of a chunk only the pages that were taken cost memory.
/// </remarks>
internal sealed unsafe class PageStore
{
    private readonly List<nint> _chunks = [];
    private int _next = Page.PerChunk;

    ~PageStore()
    {
        foreach (nint chunk in _chunks)
        {
            NativeMemory.AlignedFree((void*)chunk);
            GC.RemoveMemoryPressure(Page.ChunkBytes);
        }
    }

    /// <summary>Bytes of the pages that were taken.</summary>
    public long Bytes { get; private set; }

    public byte* Take()
    {
        if (_chunks.Count == 0 || (_next == Page.HeadsIndex(_chunks[^1]) && ++_next == Page.PerChunk) || _next == Page.PerChunk)
        {
            Begin();
        }
        byte* page = (byte*)_chunks[^1] + (_next++ * (nint)Page.Size);
        Clear(page);
        return page;
    }

    private void Begin()
    {
        nint chunk = (nint)NativeMemory.AlignedAlloc(Page.ChunkBytes, Page.ChunkBytes);
        GC.AddMemoryPressure(Page.ChunkBytes);
        _chunks.Add(chunk);
        int heads = Page.HeadsIndex(chunk);
        Clear((byte*)chunk + (heads * (nint)Page.Size));
        _next = heads == 0 ? 1 : 0;
    }

    private void Clear(byte* page)
    {
        new Span<byte>(page, Page.Size).Clear();
        Bytes += Page.Size;
    }
}
