using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <content>How the content of a snapshot's moment is saved from later writes.</content>
internal sealed unsafe partial class KeyGroupTable
{
    private nint[] _pages = new nint[1];
    private int _pageCount;

    /// <summary>The pages that exist now. The array is replaced when it grows, so this stays as it is.</summary>
    public ReadOnlyMemory<nint> Pages => _pages.AsMemory(0, _pageCount);

    /// <summary>Makes a page writable in the current epoch; an open snapshot that still needs its content has it packed first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Claim(byte* page)
    {
        if (*Page.Epoch(page) != _epoch.Current)
        {
            ClaimOld(page);
        }
    }

    /// <summary>Packs a page for a snapshot unless that was done; called by the snapshot's writer.</summary>
    /// <param name="address">The page.</param>
    /// <param name="epoch">The epoch that the snapshot began.</param>
    /// <param name="output">Receives the living slots.</param>
    public void TryPack(nint address, int epoch, ByteArena output)
    {
        byte* page = (byte*)address;
        int* last = Page.Epoch(page);
        var spin = default(SpinWait);
        while (true)
        {
            int seen = Volatile.Read(ref *last);
            if (seen == epoch)
            {
                return;
            }
            if (seen != Page.Claimed && Interlocked.CompareExchange(ref *last, Page.Claimed, seen) == seen)
            {
                Pack(page, output);
                Volatile.Write(ref *last, epoch);
                return;
            }
            // Its first writer packs it: microseconds.
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Copies the living slots of a page, their hashes in clear.</summary>
    public void Pack(byte* page, ByteArena output)
    {
        int size = _size;
        byte* end = page + (_rows * _rowBytes);
        fixed (byte* packed = output.Claim(Page.Head(page)->Count * size))
        {
            byte* target = packed;
            for (byte* row = page; row < end; row += _rowBytes)
            {
                // A row fills from its start on. Its slots are copied at once, and the hashes then.
                byte* slot = row;
                while (slot < row + _rowSlotsBytes && *(uint*)slot != 0)
                {
                    slot += size;
                }
                uint bytes = (uint)(slot - row);
                Unsafe.CopyBlockUnaligned(target, row, bytes);
                for (byte* rowEnd = target + bytes; target < rowEnd; target += size)
                {
                    *(uint*)target ^= _marker;
                }
            }
            Debug.Assert(target == packed + (Page.Head(page)->Count * size), "a page's count is of its slots");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ClaimOld(byte* page)
    {
        int* last = Page.Epoch(page);
        int current = _epoch.Current;
        var spin = default(SpinWait);
        while (true)
        {
            int seen = Volatile.Read(ref *last);
            if (seen == current)
            {
                return;
            }
            // The snapshot's writer packs it: microseconds.
            if (seen == Page.Claimed)
            {
                spin.SpinOnce(sleep1Threshold: -1);
                continue;
            }
            var open = _epoch.Open;
            if (open is null)
            {
                *last = current;
                return;
            }
            if (Interlocked.CompareExchange(ref *last, Page.Claimed, seen) == seen)
            {
                open.TakeBeforeWrite(this, page);
                Volatile.Write(ref *last, current);
                return;
            }
        }
    }

    private void RememberPage(byte* page)
    {
        if (_pageCount == _pages.Length)
        {
            Array.Resize(ref _pages, _pageCount * 2);
        }
        _pages[_pageCount++] = (nint)page;
    }
}
