using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <content>How the table grows, a page at a time, and how its arena is compacted, a chunk at a time.</content>
internal sealed unsafe partial class KeyGroupTable
{
    // 262,144 pages, some 30 million entries of 16 bytes in one key group; the directory then takes 2 MiB, doubled within a fraction of a millisecond.
    // What is beyond, or has equal hashes, goes to pages that overflow.
    private const int DepthMax = 18;

    // Compaction keeps pace with writing, which begins one chunk at a time.
    private const int ChunksPerCompaction = 2;

    private int _compactedAtChunk;

    private byte* PageWithRoom(uint hash)
    {
        ulong mixed = Mix(hash);
        while (true)
        {
            byte* page = PageOf(mixed);
            if (page == Empty)
            {
                page = AddPage(depth: 0);
                _directory[0] = (nint)page;
            }
            var head = Page.Head(page);
            while (head->Count >= Layout.PerPageMax && head->Overflow != null)
            {
                page = head->Overflow;
                head = Page.Head(page);
            }
            if (head->Count < Layout.PerPageMax)
            {
                return page;
            }
            if (head->Depth < DepthMax)
            {
                Split(page, head, mixed);
                continue;
            }
            return head->Overflow = AddPage(DepthMax);
        }
    }

    private byte* AddPage(int depth)
    {
        byte* page = _store.Take();
        Page.Head(page)->Depth = (ushort)depth;
        *Page.Epoch(page) = _epoch.Current;
        RememberPage(page);
        return page;
    }

    /// <summary>Divides a page's entries by one more bit of their hash: the only entries that move.</summary>
    [SkipLocalsInit]
    private void Split(byte* page, PageHead* head, ulong mixed)
    {
        Claim(page);
        int depth = head->Depth;
        if (64 - _shift == depth)
        {
            DoubleDirectory();
        }
        byte* upper = AddPage(depth + 1);
        head->Depth++;

        // The entries of the directory that had this page are neighbours; their upper half is the new one's.
        int span = 1 << (64 - _shift - depth);
        int first = (int)(mixed >> 1 >> (_shift - 1)) & -span;
        Array.Fill(_directory, (nint)upper, first + (span / 2), span / 2);

        byte* old = stackalloc byte[Page.Size];
        Buffer.MemoryCopy(page, old, Page.Size, Page.Size);
        new Span<byte>(page, Page.Size).Clear();
        head->Count = 0;
        byte* end = old + (_rows * _rowBytes);
        for (byte* row = old; row < end; row += _rowBytes)
        {
            for (byte* slot = row; slot < row + _rowSlotsBytes && *(uint*)slot != 0; slot += _size)
            {
                ulong entry = Mix(HashOf(slot));
                Place(slot, entry, (entry >> (63 - depth) & 1) == 0 ? page : upper);
            }
        }
    }

    private void Place(byte* entry, ulong mixed, byte* page)
    {
        Buffer.MemoryCopy(entry, FirstEmpty(page, mixed), _size, _size);
        Page.Head(page)->Count++;
    }

    private void DoubleDirectory()
    {
        var doubled = new nint[_directory.Length * 2];
        for (int i = 0; i < _directory.Length; i++)
        {
            doubled[2 * i] = doubled[(2 * i) + 1] = _directory[i];
        }
        _directory = doubled;
        _shift--;
    }

    private void CompactSome()
    {
        if (_arena.ChunksBegun == _compactedAtChunk)
        {
            return;
        }
        // A snapshot's writer reads the arena by the addresses of its time.
        for (int i = 0; i < ChunksPerCompaction && _epoch.Open is null && _arena.TryFindWaste(out int chunk); i++)
        {
            int offset = 0;
            while (!_arena.IsDead(chunk) && _arena.TryReadRecord(chunk, ref offset, out var record))
            {
                Relocate(record);
            }
            _arena.Free(chunk);
        }
        _compactedAtChunk = _arena.ChunksBegun;
    }

    /// <summary>Copies a record to the arena's end if a slot still refers to it.</summary>
    private void Relocate(in ArenaRecord record)
    {
        byte* reference = FindReference(record);
        if (reference == null)
        {
            return;
        }
        Claim(Page.Of(reference));
        long address = _arena.Append(record.Hash, record.IsKey, _arena.Read(record.Address, record.Length));
        Unsafe.WriteUnaligned(reference, address);
        _arena.Release(record.Address, record.Length);
    }

    /// <summary>Where, in a slot, the address of a record stands; or null where it is waste.</summary>
    private byte* FindReference(in ArenaRecord record)
    {
        ulong mixed = Mix(record.Hash);
        uint stored = record.Hash ^ _marker;
        for (byte* page = PageOf(mixed); page != null; page = Page.Head(page)->Overflow)
        {
            for (byte* slot = HomeRow(page, mixed); *(uint*)slot != 0; slot = Next(page, slot))
            {
                if (*(uint*)slot == stored && ReferenceOf(slot, record.IsKey) is var reference && reference != null && Unsafe.ReadUnaligned<long>(reference) == record.Address)
                {
                    return reference;
                }
            }
        }
        return null;
    }

    private byte* ReferenceOf(byte* slot, bool isKey)
    {
        byte* key = slot + SlotLayout.KeyOffset;
        if (isKey)
        {
            return Unsafe.ReadUnaligned<int>(key) > SlotLayout.InlineKeyMax ? key + sizeof(int) : null;
        }
        byte* value = slot + Layout.ValueOffset;
        return Unsafe.ReadUnaligned<int>(value + sizeof(long)) > 0 ? value : null;
    }
}
