using System.Buffers.Binary;
using System.Diagnostics;

namespace Weir.StateStore;

/// <summary>Bytes of values and long keys of one key group: appended, never changed, and let go chunk by chunk.</summary>
/// <remarks>
/// Thread: the one that steps the subtask appends and frees; while a snapshot is open nothing is freed, and its writer may read what was there when it began.
/// A record is hash, kind and length, payload: by the hash the slot that refers to it is found again. An address is chunk and offset of the payload.
/// </remarks>
internal sealed class ValueArena(PageStore store)
{
    public const int ChunkBytesMax = 64 << 10;

    private const int ChunkBytesMin = 4 << 10;
    private const int RecordHeader = sizeof(uint) + sizeof(int);
    private const uint KeyKind = 0x80000000;

    // A record beyond a quarter of a chunk has a chunk of its own, so that no chunk wastes more than that at its end.
    private const int SharedBytesMax = ChunkBytesMax / 4;

    private const int None = -1;

    // Replaced when it grows; a snapshot's writer reads whichever it sees, both hold what it needs.
    private volatile byte[]?[] _chunks = new byte[]?[4];
    private int[] _used = new int[4];
    private int[] _live = new int[4];
    private readonly Stack<int> _free = new();
    private int _count;
    private int _current = None;
    private byte[]? _spare;

    /// <summary>Bytes of all chunks.</summary>
    public long Bytes { get; private set; }

    /// <summary>Chunks begun so far: what compaction keeps pace with.</summary>
    public int ChunksBegun { get; private set; }

    /// <summary>Appends a value, or a key.</summary>
    /// <returns>Its address.</returns>
    public long Append(uint hash, bool isKey, ReadOnlySpan<byte> payload)
    {
        int size = RecordHeader + payload.Length;
        int chunk = size > SharedBytesMax ? Begin(size) : _current;
        if (chunk == None || _used[chunk] + size > _chunks[chunk]!.Length)
        {
            // As large as all before it: a small state stays small.
            chunk = _current = Begin((int)Math.Clamp(Math.Max(Bytes, size), ChunkBytesMin, ChunkBytesMax));
        }
        int offset = _used[chunk];
        var record = _chunks[chunk].AsSpan(offset, size);
        BinaryPrimitives.WriteUInt32LittleEndian(record, hash);
        BinaryPrimitives.WriteUInt32LittleEndian(record[sizeof(uint)..], (uint)payload.Length | (isKey ? KeyKind : 0));
        payload.CopyTo(record[RecordHeader..]);
        _used[chunk] += size;
        _live[chunk] += size;
        return ((long)chunk << 32) | (uint)(offset + RecordHeader);
    }

    /// <summary>The payload at an address.</summary>
    public ReadOnlySpan<byte> Read(long address, int length) => _chunks[address >> 32].AsSpan((int)address, length);

    /// <summary>Says that nothing refers to a record any more; its bytes stay until the chunk goes.</summary>
    public void Release(long address, int length)
    {
        int chunk = (int)(address >> 32);
        _live[chunk] -= RecordHeader + length;
        Debug.Assert(_live[chunk] >= 0, "released twice");
    }

    /// <summary>The chunk with the smallest living part, where that is less than half.</summary>
    public bool TryFindWaste(out int chunk)
    {
        chunk = None;
        double least = 0.5;
        for (int i = 0; i < _count; i++)
        {
            if (i == _current || _used[i] == 0)
            {
                continue;
            }
            double living = (double)_live[i] / _used[i];
            if (living < least)
            {
                least = living;
                chunk = i;
            }
        }
        return chunk != None;
    }

    /// <summary>Whether nothing in a chunk is referred to.</summary>
    public bool IsDead(int chunk) => _live[chunk] == 0;

    /// <summary>Reads the record at an offset of a chunk, and moves the offset behind it.</summary>
    /// <returns>False at the chunk's end.</returns>
    public bool TryReadRecord(int chunk, ref int offset, out ArenaRecord record)
    {
        if (offset >= _used[chunk])
        {
            record = default;
            return false;
        }
        var header = _chunks[chunk].AsSpan(offset, RecordHeader);
        uint kindAndLength = BinaryPrimitives.ReadUInt32LittleEndian(header[sizeof(uint)..]);
        int length = (int)(kindAndLength & ~KeyKind);
        record = new ArenaRecord(BinaryPrimitives.ReadUInt32LittleEndian(header), (kindAndLength & KeyKind) != 0, ((long)chunk << 32) | (uint)(offset + RecordHeader), length);
        offset += RecordHeader + length;
        return true;
    }

    /// <summary>Lets a chunk go; nobody refers to it, and no snapshot is open.</summary>
    public void Free(int chunk)
    {
        byte[] bytes = _chunks[chunk]!;
        if (bytes.Length == ChunkBytesMax)
        {
            _spare = bytes;
        }
        Bytes -= bytes.Length;
        store.Count(-bytes.Length);
        _chunks[chunk] = null;
        _used[chunk] = _live[chunk] = 0;
        _free.Push(chunk);
    }

    private int Begin(int size)
    {
        ChunksBegun++;
        if (!_free.TryPop(out int chunk))
        {
            chunk = _count++;
            if (chunk == _used.Length)
            {
                Array.Resize(ref _used, chunk * 2);
                Array.Resize(ref _live, chunk * 2);
                var chunks = new byte[]?[chunk * 2];
                _chunks.CopyTo(chunks, 0);
                _chunks = chunks;
            }
        }
        byte[]? bytes = size == ChunkBytesMax ? _spare : null;
        _spare = bytes is null ? _spare : null;
        _chunks[chunk] = bytes ?? GC.AllocateUninitializedArray<byte>(size);
        Bytes += size;
        store.Count(size);
        return chunk;
    }
}

/// <summary>A record of an arena: whose hash, key or value, and where its payload lies.</summary>
internal readonly record struct ArenaRecord(uint Hash, bool IsKey, long Address, int Length);
