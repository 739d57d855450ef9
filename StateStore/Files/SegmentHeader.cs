using System.Buffers.Binary;

namespace Weir.StateStore;

/// <summary>What stands before each payload: magic and version, length, and the CRC-32C of both and the payload. Little-endian.</summary>
internal static class SegmentHeader
{
    public const int Size = 12;

    // 64 MiB: what a reader may have to hold at once, and far from where 32-bit sums overflow.
    public const int PayloadBytesMax = 64 << 20;

    // "WSG" and the format's version.
    private const uint Magic = 0x01475357;

    // "WSG", whatever the version.
    private const uint NameMask = 0xFFFFFF;

    /// <summary>The checksum's state after the header's fields.</summary>
    public static uint Begin(int payloadLength) => Begin(Magic, payloadLength);

    public static void Write(Span<byte> header, int payloadLength, uint crc)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], payloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], crc);
    }

    /// <summary>What is wrong with a segment that was read, or null.</summary>
    public static string? FindFault(ReadOnlySpan<byte> segment, in SegmentHandle handle)
    {
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(segment);
        if (magic != Magic)
        {
            return "no segment starts there";
        }
        int length = BinaryPrimitives.ReadInt32LittleEndian(segment[4..]);
        if (length != handle.Length)
        {
            return $"its length is {length}, the metadata says {handle.Length}";
        }
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(segment[8..]);
        uint computed = Checksum(magic, segment);
        return computed != stored || computed != handle.Crc ? $"its checksum is {computed:x8}, the header says {stored:x8} and the metadata {handle.Crc:x8}" : null;
    }

    /// <summary>The format of a segment that is whole, by its checksum, but of a version that this program does not read; else null.</summary>
    public static string? FindOtherFormat(ReadOnlySpan<byte> segment, in SegmentHandle handle)
    {
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(segment);
        bool isOther = magic != Magic && (magic & NameMask) == (Magic & NameMask) && BinaryPrimitives.ReadInt32LittleEndian(segment[4..]) == handle.Length;
        return isOther && Checksum(magic, segment) == handle.Crc ? $"has format version {magic >> 24}, this program reads {Magic >> 24}" : null;
    }

    private static uint Checksum(uint magic, ReadOnlySpan<byte> segment) =>
        Crc32C.Finish(Crc32C.Append(Begin(magic, BinaryPrimitives.ReadInt32LittleEndian(segment[4..])), segment[Size..]));

    private static uint Begin(uint magic, int payloadLength)
    {
        Span<byte> fields = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(fields, magic);
        BinaryPrimitives.WriteInt32LittleEndian(fields[4..], payloadLength);
        return Crc32C.Append(Crc32C.Start, fields);
    }
}
