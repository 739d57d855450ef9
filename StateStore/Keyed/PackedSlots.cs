namespace Weir.StateStore;

/// <summary>Slots of pages that were written while a snapshot was open, as they were before: by table, in pooled chunks.</summary>
/// <remarks>
/// Thread: the subtask's packs, the snapshot's writer takes, under one lock, once for each page. The chunks live as long as the snapshot.
/// As many empty chunks as one snapshot used are kept for the next, unless memory is short; what a slow store made one need is given back after the one that needs less, or when it is abandoned.
/// </remarks>
internal sealed unsafe class PackedSlots(StateMemory memory)
{
    // 256 KiB, some sixty pages.
    private const int ChunkBytes = 256 << 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<KeyGroupTable, List<ReadOnlyMemory<byte>>> _fragments = [];
    private readonly Stack<ByteArena> _chunks = new();
    private readonly Stack<ByteArena> _idle = new();
    private bool _open;

    /// <summary>Told when memory for copies is used up, again and again, on the subtask's thread. The page in hand was packed all the same.</summary>
    public Action? Overflowed { get; set; }

    /// <summary>Packs a page; once the snapshot has ended it is not worth it.</summary>
    public void Take(KeyGroupTable table, byte* page)
    {
        bool isNew = false;
        lock (_lock)
        {
            if (!_open)
            {
                return;
            }
            if (!_chunks.TryPeek(out var chunk) || chunk.Length + Page.Size > ChunkBytes)
            {
                isNew = !_idle.TryPop(out chunk);
                _chunks.Push(chunk ??= NewChunk());
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
        if (isNew && !memory.HasRoomForCopies)
        {
            Overflowed?.Invoke();
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
            Drop(_idle);
            if (!memory.HasRoomForCopies)
            {
                Drop(_chunks);
            }
            foreach (var chunk in _chunks)
            {
                chunk.Clear();
                _idle.Push(chunk);
            }
            _chunks.Clear();
        }
    }

    /// <summary>Nobody will need what is written of the open snapshot: what was packed is dropped, and nothing is packed any more, whatever its writer still waits for.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            if (_open)
            {
                _open = false;
                _fragments.Clear();
                Drop(_chunks);
                Drop(_idle);
            }
        }
    }

    private ByteArena NewChunk()
    {
        memory.TakeCopies(ChunkBytes);
        return new ByteArena(ChunkBytes);
    }

    private void Drop(Stack<ByteArena> chunks)
    {
        memory.TakeCopies(-(long)chunks.Count * ChunkBytes);
        chunks.Clear();
    }
}
