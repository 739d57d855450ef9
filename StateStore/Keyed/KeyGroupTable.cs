using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Weir.StateStore;

/// <summary>One state of the keys of one key group: extendible hashing over pages of slots.</summary>
/// <remarks>
/// Thread: the one that steps the subtask; a snapshot's writer touches pages only by <see cref="TryPack"/>.
/// Holds: bytes, no objects. A page never moves. An entry lies in the page that the directory has for the first bits of its mixed hash, or in a page
/// that overflows from it; within a page by linear probing, from the first slot of its home row on, without a gap between there and itself. A page whose
/// epoch is not the current one is claimed before it is written (see <see cref="Claim"/>).
/// Pages are not merged when entries are deleted: the room is kept for the keys to come.
/// </remarks>
internal sealed unsafe partial class KeyGroupTable
{
    // Found by every lookup in a table without pages; never written.
    private static readonly PageStore EmptyStore = new(new StateMemory(StateBudget.Unbounded));
    private static readonly byte* Empty = EmptyStore.Take();

    private readonly PageStore _store;
    private readonly StateEpoch _epoch;
    private readonly ValueArena _arena;
    private readonly uint _marker;
    private readonly int _size;
    private readonly int _rows;
    private readonly int _rowBytes;
    private readonly int _rowSlotsBytes;

    // Where the slots of a row begin, after the first; 0 where there is none.
    private readonly int _second;
    private readonly int _third;
    private readonly int _fourth;

    // By the first _depth bits of the mixed hash; a page with fewer stands there several times.
    private nint[] _directory = [(nint)Empty];
    private int _shift = 64;

    public KeyGroupTable(SlotLayout layout, KeyGroups groups, int keyGroup, PageStore store, StateEpoch epoch)
    {
        Layout = layout;
        _size = layout.Size;
        _rows = layout.Rows;
        _rowBytes = layout.RowBytes;
        _rowSlotsBytes = layout.PerRow * layout.Size;
        _second = layout.PerRow > 1 ? layout.Size : 0;
        _third = layout.PerRow > 2 ? 2 * layout.Size : 0;
        _fourth = layout.PerRow > 3 ? 3 * layout.Size : 0;
        KeyGroup = keyGroup;
        _store = store;
        _arena = new ValueArena(store);
        _epoch = epoch;
        // Slots hold hash ^ marker, where the marker is of the next key group and so never a hash of this one: 0 is an empty slot.
        _marker = (uint)((keyGroup + 1) % groups.MaxParallelism);
        Invariant.Holds(groups.Of(_marker) != keyGroup);
    }

    public SlotLayout Layout { get; }

    public int KeyGroup { get; }

    /// <summary>Entries in the table.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of the arena; the pages are the store's.</summary>
    public long ArenaBytes => _arena.Bytes;

    /// <summary>Brings the place of a key near, some records before it is looked up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint hash)
    {
        if (Sse.IsSupported)
        {
            ulong mixed = Mix(hash);
            Sse.Prefetch0(HomeRow(PageOf(mixed), mixed));
        }
    }

    /// <summary>Looks an eight-byte key up.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="key">The key's bytes, as they lie in memory.</param>
    /// <returns>Its slot, which stays where it is until the table is next added to or removed from; or null.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* FindEight(uint hash, ulong key)
    {
        ulong mixed = Mix(hash);
        uint stored = hash ^ _marker;
        byte* page = PageOf(mixed);
        byte* row = HomeRow(page, mixed);

        // Which slot of the row it is can't be guessed: chosen without a branch, of at most four. The fifth bit stands for none.
        uint found = 16 | IsAt(row, 0, stored) | (IsAt(row, _second, stored) << 1) | (IsAt(row, _third, stored) << 2) | (IsAt(row, _fourth, stored) << 3);
        byte* slot = row + ((BitOperations.TrailingZeroCount(found) & 3) * _size);
        return *(uint*)slot == stored && *(ulong*)(slot + SlotLayout.KeyOffset) == key ? slot : FindEightFrom(page, row, stored, key);
    }

    /// <summary>Looks any key up.</summary>
    /// <inheritdoc cref="FindEight" path="/returns"/>
    public byte* Find(uint hash, ReadOnlySpan<byte> key)
    {
        ulong mixed = Mix(hash);
        uint stored = hash ^ _marker;
        for (byte* page = PageOf(mixed); page != null; page = Page.Head(page)->Overflow)
        {
            uint found;
            for (byte* slot = HomeRow(page, mixed); (found = *(uint*)slot) != 0; slot = Next(page, slot))
            {
                if (found == stored && KeyOf(slot).SequenceEqual(key))
                {
                    return slot;
                }
            }
        }
        return null;
    }

    /// <summary>Adds a key that is not there, with a value still to be set; its page may be written.</summary>
    /// <exception cref="ArgumentException">The key is larger than 1 MiB.</exception>
    public byte* Add(uint hash, ReadOnlySpan<byte> key)
    {
        if (key.Length > KeyedStateFormat.KeyBytesMax)
        {
            throw new ArgumentException($"A key has {key.Length} bytes; {KeyedStateFormat.KeyBytesMax} is the most.", nameof(key));
        }
        var page = PageWithRoom(hash);
        Claim(page);
        byte* slot = FirstEmpty(page, Mix(hash));
        *(uint*)slot = hash ^ _marker;
        WriteKey(slot, hash, key);
        new Span<byte>(slot + Layout.ValueOffset, _size - Layout.ValueOffset).Clear();
        Page.Head(page)->Count++;
        Count++;
        CompactSome();
        return slot;
    }

    /// <summary>Removes an entry. Those behind it move up, so that no gap cuts a probe short: there are no tombstones.</summary>
    public void Remove(byte* slot)
    {
        var page = Page.Of(slot);
        Claim(page);
        ReleaseKey(slot);
        ReleaseValue(slot);
        byte* gap = slot;
        for (byte* next = Next(page, slot); *(uint*)next != 0; next = Next(page, next))
        {
            byte* home = HomeRow(page, Mix(HashOf(next)));
            // Its way from home to here must lead over the gap.
            bool passesGap = gap <= next ? home <= gap || home > next : home <= gap && home > next;
            if (passesGap)
            {
                Buffer.MemoryCopy(next, gap, _size, _size);
                gap = next;
            }
        }
        new Span<byte>(gap, _size).Clear();
        Page.Head(page)->Count--;
        Count--;
    }

    /// <summary>The value's bytes; they may be read until the next change of the table.</summary>
    public ReadOnlySpan<byte> ValueOf(byte* slot)
    {
        byte* value = slot + Layout.ValueOffset;
        return Layout.ValueLength > 0 ? new ReadOnlySpan<byte>(value, Layout.ValueLength) : ReadReference(value);
    }

    /// <summary>Sets a value whose bytes lie elsewhere.</summary>
    public void SetValue(byte* slot, ReadOnlySpan<byte> bytes)
    {
        Claim(Page.Of(slot));
        byte* value = slot + Layout.ValueOffset;
        if (Layout.ValueLength > 0)
        {
            bytes.CopyTo(new Span<byte>(value, Layout.ValueLength));
            return;
        }
        ReleaseValue(slot);
        long address = bytes.Length > 0 ? _arena.Append(HashOf(slot), isKey: false, bytes) : 0;
        Unsafe.WriteUnaligned(value, address);
        Unsafe.WriteUnaligned(value + sizeof(long), bytes.Length);
        CompactSome();
    }

    public ReadOnlySpan<byte> KeyOf(byte* slot)
    {
        byte* key = slot + SlotLayout.KeyOffset;
        if (Layout.KeyLength > 0)
        {
            return new ReadOnlySpan<byte>(key, Layout.KeyLength);
        }
        int length = Unsafe.ReadUnaligned<int>(key);
        return length <= SlotLayout.InlineKeyMax
            ? new ReadOnlySpan<byte>(key + sizeof(int), length)
            : _arena.Read(Unsafe.ReadUnaligned<long>(key + sizeof(int)), length);
    }

    public uint HashOf(byte* slot) => *(uint*)slot ^ _marker;

    private void WriteKey(byte* slot, uint hash, ReadOnlySpan<byte> key)
    {
        byte* target = slot + SlotLayout.KeyOffset;
        if (Layout.KeyLength > 0)
        {
            Debug.Assert(key.Length == Layout.KeyLength, "a key of another length than its codec's");
            key.CopyTo(new Span<byte>(target, key.Length));
            return;
        }
        Unsafe.WriteUnaligned(target, key.Length);
        if (key.Length <= SlotLayout.InlineKeyMax)
        {
            key.CopyTo(new Span<byte>(target + sizeof(int), key.Length));
            return;
        }
        Unsafe.WriteUnaligned(target + sizeof(int), _arena.Append(hash, isKey: true, key));
    }

    private void ReleaseKey(byte* slot)
    {
        byte* key = slot + SlotLayout.KeyOffset;
        if (Layout.KeyLength == 0 && Unsafe.ReadUnaligned<int>(key) > SlotLayout.InlineKeyMax)
        {
            _arena.Release(Unsafe.ReadUnaligned<long>(key + sizeof(int)), Unsafe.ReadUnaligned<int>(key));
        }
    }

    private void ReleaseValue(byte* slot)
    {
        byte* value = slot + Layout.ValueOffset;
        int length;
        if (Layout.ValueLength == 0 && (length = Unsafe.ReadUnaligned<int>(value + sizeof(long))) > 0)
        {
            _arena.Release(Unsafe.ReadUnaligned<long>(value), length);
        }
    }

    private ReadOnlySpan<byte> ReadReference(byte* value)
    {
        int length = Unsafe.ReadUnaligned<int>(value + sizeof(long));
        return length == 0 ? [] : _arena.Read(Unsafe.ReadUnaligned<long>(value), length);
    }

    // Keys of one group agree in hash mod groups; the upper bits of the product depend on all bits of the hash.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(uint hash) => hash * 0x9E3779B97F4A7C15UL;

    // In two shifts, for a shift by 64, which the directory of one page asks for, would be none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* PageOf(ulong mixed) =>
        (byte*)Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_directory), (nint)(mixed >> 1 >> (_shift - 1)));

    // From the lower half of the product, which the directory does not use.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* HomeRow(byte* page, ulong mixed) => page + ((long)(((mixed & uint.MaxValue) * (uint)_rows) >> 32) * _rowBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint IsAt(byte* row, int offset, uint stored) => *(uint*)(row + offset) == stored ? 1u : 0u;

    /// <summary>The slot after this one, as if the page were a ring.</summary>
    private byte* Next(byte* page, byte* slot)
    {
        int next = (int)(slot - page) + _size;
        int past = next % _rowBytes;
        next += past < _rowSlotsBytes ? 0 : _rowBytes - past;
        return next < _rows * _rowBytes ? page + next : page;
    }

    private byte* FirstEmpty(byte* page, ulong mixed)
    {
        byte* slot = HomeRow(page, mixed);
        while (*(uint*)slot != 0)
        {
            slot = Next(page, slot);
        }
        return slot;
    }

    // Its home row does not have it, at least not as the first of its hash.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* FindEightFrom(byte* page, byte* row, uint stored, ulong key)
    {
        long home = row - page;
        do
        {
            byte* pageEnd = page + (_rows * _rowBytes);
            for (row = page + home; ; row = row + _rowBytes < pageEnd ? row + _rowBytes : page)
            {
                byte* end = row + _rowSlotsBytes;
                byte* slot = row;
                for (; slot < end && *(uint*)slot != 0; slot += _size)
                {
                    if (*(uint*)slot == stored && *(ulong*)(slot + SlotLayout.KeyOffset) == key)
                    {
                        return slot;
                    }
                }
                if (slot < end)
                {
                    break; // An empty slot: a key that had come so far would lie in it.
                }
            }
            page = Page.Head(page)->Overflow;
        }
        while (page != null);
        return null;
    }
}
