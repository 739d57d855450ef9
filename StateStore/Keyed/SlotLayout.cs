namespace Weir.StateStore;

/// <summary>How a state's pages are divided into rows, rows into slots, and slots into hash, key and value; all slots of a state are equal in size.</summary>
/// <remarks>
/// A row is a line of the processor's cache where that wastes little: whoever looks for a key then waits for one line of memory, as long as its row has room.
/// Where it would waste more, a row is one slot.
/// A key of fixed length up to 16 bytes lies in the slot; any other has its length there, and its bytes if they are at most 16, else their address in the
/// arena. A value of fixed length up to 64 bytes lies in the slot, any other has address and length there.
/// </remarks>
internal sealed class SlotLayout
{
    public const int InlineKeyMax = 16;
    public const int InlineValueMax = 64;
    public const int KeyOffset = sizeof(uint);

    // The length, and room for sixteen bytes or an address.
    private const int VariableKeySize = sizeof(int) + InlineKeyMax;

    private const int ValueReferenceSize = sizeof(long) + sizeof(int);

    // Of x64 and of most arm64.
    private const int LineBytes = 64;

    private const int LineWasteMax = 8;

    /// <param name="keyLength">Bytes of every key, or 0 where they differ.</param>
    /// <param name="valueLength">Bytes of every value where they lie in the slot, else 0.</param>
    public SlotLayout(int keyLength, int valueLength)
    {
        Invariant.Holds(keyLength >= 0);
        Invariant.Holds(valueLength is >= 0 and <= InlineValueMax);
        KeyLength = keyLength <= InlineKeyMax ? keyLength : 0;
        ValueLength = valueLength;
        ValueOffset = KeyOffset + (KeyLength > 0 ? KeyLength : VariableKeySize);
        Size = ValueOffset + (valueLength > 0 ? valueLength : ValueReferenceSize);
        int slotsOfLine = LineBytes / Size;
        bool byLine = slotsOfLine > 0 && LineBytes - (slotsOfLine * Size) <= LineWasteMax;
        RowBytes = byLine ? LineBytes : Size;
        PerRow = byLine ? slotsOfLine : 1;
        Rows = Page.Size / RowBytes;
        PerPageMax = Rows * PerRow * 7 / 8;
    }

    /// <summary>Bytes of a key that lies in the slot, or 0 where keys have lengths of their own.</summary>
    public int KeyLength { get; }

    /// <summary>Bytes of a value that lies in the slot, or 0 where values lie in the arena.</summary>
    public int ValueLength { get; }

    public int ValueOffset { get; }

    /// <summary>Bytes of a slot.</summary>
    public int Size { get; }

    /// <summary>Bytes from a row to the next.</summary>
    public int RowBytes { get; }

    /// <summary>Slots of a row; they lie at its start.</summary>
    public int PerRow { get; }

    /// <summary>Rows of a page.</summary>
    public int Rows { get; }

    /// <summary>Entries a page holds before it is full: 7/8, so that a probe always meets an empty slot soon.</summary>
    public int PerPageMax { get; }

    /// <summary>Whether slots refer to nothing outside of them.</summary>
    public bool IsSelfContained => KeyLength > 0 && ValueLength > 0;
}
