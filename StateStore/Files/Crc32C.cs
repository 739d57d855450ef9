using System.Buffers.Binary;
using System.Numerics;

namespace Weir.StateStore;

/// <summary>CRC-32C (Castagnoli), by the processor's instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>What a checksum over nothing yet is.</summary>
    public const uint Start = uint.MaxValue;

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));

    /// <summary>Takes more bytes into a checksum that was begun with <see cref="Start"/>.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }
        return state;
    }

    /// <summary>Ends a checksum.</summary>
    public static uint Finish(uint state) => ~state;
}
