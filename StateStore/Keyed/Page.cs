namespace Weir.StateStore;

/// <summary>The head of a page of slots; the slots follow it. A page starts at a multiple of its size, so a slot knows its page.</summary>
internal struct PageHeader
{
    /// <summary>The epoch in which the page was last written, or <see cref="Page.Claimed"/>.</summary>
    public int Epoch;

    /// <summary>Entries in this page.</summary>
    public ushort Count;

    /// <summary>By how many bits of the hash its entries are chosen.</summary>
    public ushort Depth;

    /// <summary>The page that goes on where this one is full and can't be split, or 0.</summary>
    public nint Overflow;
}

/// <summary>Numbers that all pages share.</summary>
internal static unsafe class Page
{
    public const int Size = 4096;

    public const int HeaderSize = 16;

    /// <summary>Stands for an epoch while somebody packs the page.</summary>
    public const int Claimed = -1;

    public static PageHeader* Of(byte* slot) => (PageHeader*)((nint)slot & -Size);
}
