namespace Weir.StateStore;

/// <summary>Gives out zeroed pages. They lie in large pinned arrays, never move, and live as long as the store.</summary>
/// <remarks>Thread: the one that steps the subtask.</remarks>
internal sealed unsafe class PageStore
{
    // 256 KiB: the collector has few objects to know, and a small state wastes little.
    private const int PagesPerChunk = 64;

    private readonly List<byte[]> _chunks = [];
    private nint _next;
    private int _left;

    /// <summary>Bytes taken from the system.</summary>
    public long Bytes => (long)_chunks.Count * (PagesPerChunk + 1) * Page.Size;

    public PageHeader* Take()
    {
        if (_left == 0)
        {
            // One page more than is used, to start at a multiple of a page.
            byte[] chunk = GC.AllocateArray<byte>((PagesPerChunk + 1) * Page.Size, pinned: true);
            _chunks.Add(chunk);
            fixed (byte* start = chunk)
            {
                _next = ((nint)start + Page.Size - 1) & -Page.Size;
            }
            _left = PagesPerChunk;
        }
        var page = (PageHeader*)_next;
        _next += Page.Size;
        _left--;
        return page;
    }
}
