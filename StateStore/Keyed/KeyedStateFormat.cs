using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <summary>The payload of a segment with keyed state: a head, then runs of entries of one key group each.</summary>
/// <remarks>
/// Little-endian. Head: format, key length, value length, as 32-bit numbers; a length of 0 means that each entry has its own.
/// Run: key group, entries, bytes that follow, as 32-bit numbers. Entry: hash, [key length,] key, [value length,] value.
/// </remarks>
internal static class KeyedStateFormat
{
    public const int Version = 1;
    public const int HeadSize = 12;
    public const int RunHeadSize = 12;

    /// <summary>Values beyond this are refused when they are set: a segment must hold one.</summary>
    public const int ValueBytesMax = 32 << 20;

    /// <summary>Keys beyond this are refused when they are first set.</summary>
    public const int KeyBytesMax = 1 << 20;

    public static void WriteHead(ByteArena output, SlotLayout layout) => WriteThree(output.Claim(HeadSize), Version, layout.KeyLength, layout.ValueLength);

    public static void WriteRunHead(Span<byte> head, int keyGroup, int entries, int bytes) => WriteThree(head, keyGroup, entries, bytes);

    /// <summary>Appends packed slots as entries, until the output is full.</summary>
    /// <param name="output">The payload.</param>
    /// <param name="full">The length at which no further entry is begun.</param>
    /// <param name="table">Whose slots they are.</param>
    /// <param name="slots">The slots.</param>
    /// <returns>How many bytes of them were taken.</returns>
    public static unsafe int WriteEntries(ByteArena output, int full, KeyGroupTable table, ReadOnlySpan<byte> slots)
    {
        if (table.Layout.IsSelfContained)
        {
            output.Append(slots); // A slot is an entry, and a page of them is small.
            return slots.Length;
        }
        int taken = 0;
        fixed (byte* start = slots)
        {
            for (; taken < slots.Length && output.Length < full; taken += table.Layout.Size)
            {
                output.Append(slots.Slice(taken, sizeof(uint)));
                WritePart(output, table.KeyOf(start + taken), table.Layout.KeyLength);
                WritePart(output, table.ValueOf(start + taken), table.Layout.ValueLength);
            }
        }
        return taken;
    }

    private static void WritePart(ByteArena output, ReadOnlySpan<byte> bytes, int fixedLength)
    {
        if (fixedLength == 0)
        {
            Unsafe.WriteUnaligned(ref output.Claim(sizeof(int))[0], bytes.Length);
        }
        output.Append(bytes);
    }

    private static void WriteThree(Span<byte> target, int first, int second, int third)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, first);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], second);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], third);
    }
}
