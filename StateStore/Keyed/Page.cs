using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weir.StateStore;

/// <summary>What is known of a page, beside its slots and its epoch.</summary>
[StructLayout(LayoutKind.Sequential, Pack = sizeof(int))]
internal struct PageHead
{
    /// <summary>Entries in this page.</summary>
    public ushort Count;

    /// <summary>By how many bits of the hash its entries are chosen.</summary>
    public ushort Depth;

    /// <summary>The page that goes on where this one is full and can't be split, or null.</summary>
    public unsafe byte* Overflow;
}

/// <summary>Where the parts of a page lie: slots in 4 KiB at a multiple of 4 KiB, the head in a page of heads of its chunk.</summary>
/// <remarks>
/// A head at the start of each page would put all heads into a few sets of the processor's caches, so that each look at an epoch missed them. For the same
/// reason the heads lie in another page of each chunk. Epochs, which every write looks at, lie side by side before the heads: 4 bytes a page stay near
/// the processor where 16 do not.
/// </remarks>
internal static unsafe class Page
{
    public const int Size = 4096;

    /// <summary>Pages of a chunk, one of them for heads: as many as have room in it.</summary>
    public const int PerChunk = 256;

    /// <summary>1 MiB; a chunk starts at a multiple of it.</summary>
    public const int ChunkBytes = PerChunk * Size;

    /// <summary>Stands for an epoch while somebody packs the page.</summary>
    public const int Claimed = -1;

    /// <summary>The page of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Of(byte* slot) => (byte*)((nint)slot & -Size);

    /// <summary>The epoch in which a page was last written, or <see cref="Claimed"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int* Epoch(byte* page) => (int*)Heads(page) + Index(page);

    /// <summary>The head of a page.</summary>
    public static PageHead* Head(byte* page) => (PageHead*)(Heads(page) + (PerChunk * sizeof(int))) + Index(page);

    /// <summary>Which page of a chunk has the heads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeadsIndex(nint chunk) => (int)((nuint)chunk / ChunkBytes) & (PerChunk - 1);

    // Epochs of all pages of the chunk, then their heads: 256 times 16 bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Heads(byte* page)
    {
        nint chunk = (nint)page & -ChunkBytes;
        return (byte*)chunk + ((nint)HeadsIndex(chunk) * Size);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Index(byte* page) => (nint)((nuint)page / Size) & (PerChunk - 1);
}
