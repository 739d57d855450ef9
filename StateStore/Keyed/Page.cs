using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <summary>What is known of a page, beside its slots.</summary>
internal struct PageHead
{
    /// <summary>The epoch in which the page was last written, or <see cref="Page.Claimed"/>.</summary>
    public int Epoch;

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
/// reason the heads lie in another page of each chunk.
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

    /// <summary>The head of a page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageHead* Head(byte* page)
    {
        nint chunk = (nint)page & -ChunkBytes;
        return (PageHead*)(chunk + ((nint)HeadsIndex(chunk) * Size)) + (((nint)((nuint)page / Size)) & (PerChunk - 1));
    }

    /// <summary>Which page of a chunk has the heads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeadsIndex(nint chunk) => (int)((nuint)chunk / ChunkBytes) & (PerChunk - 1);
}
