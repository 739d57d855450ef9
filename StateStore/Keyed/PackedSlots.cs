namespace Weir.StateStore;

/// <summary>Slots of pages that were written while a snapshot was open, as they were before: by table, in pooled chunks.</summary>
/// <remarks>
/// Thread: the subtask's packs, the snapshot's writer takes, under one lock, once for each page. The chunks live as long as the snapshot.
/// As many empty chunks as one snapshot used are kept for the next; what a slow store made one need is given back after the one that needs less.
/// </remarks>
internal sealed unsafe class PackedSlots
{
    // 256 KiB, some sixty pages.
    private const int ChunkBytes = 256 << 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<KeyGroupTable, List<ReadOnlyMemory<byte>>> _fragments = [];
    private readonly List<ByteArena> _chunks = [];
    private readonly Stack<ByteArena> _idle = new();
    private bool _open;

    /// <summary>Packs a page; once the snapshot has ended it is not worth it.</summary>
    public void Take(KeyGroupTable table, byte* page)
    {
        lock (_lock)
        {
            if (!_open)
            {
                return;
            }
            var chunk = _chunks.Count > 0 ? _chunks[^1] : null;
            if (chunk is null || chunk.Length + Page.Size > ChunkBytes)
            {
                chunk = _idle.TryPop(out var idle) ? idle : new ByteArena(ChunkBytes);
                _chunks.Add(chunk);
            }
            int start = chunk.Length;
            table.Pack(page, chunk);
            if (!_fragments.TryGetValue(table, out var fragments))
            {
                _fragments.Add(table, fragments = []);
            }
            // The chunk never grows, so these bytes stay where they are.
            fragments.Add(chunk.WrittenMemory[start..]);
        }
    }

    /// <summary>What was packed of a table. When all its pages have the new epoch, nothing is added any more.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Of(KeyGroupTable table)
    {
        lock (_lock)
        {
            return _fragments.TryGetValue(table, out var fragments) ? fragments : [];
        }
    }

    public void Open()
    {
        lock (_lock)
        {
            Invariant.Holds(!_open);
            _open = true;
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _open = false;
            _fragments.Clear();
            _idle.Clear();
            foreach (var chunk in _chunks)
            {
                chunk.Clear();
                _idle.Push(chunk);
            }
            _chunks.Clear();
        }
    }
}
