using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <summary>Hashes that are equal in every process and release: key groups, and so checkpoints, depend on them.</summary>
/// <remarks>Never change a result; golden values in the tests hold them. Not keyed: made for spreading, not against an attacker.</remarks>
internal static class StableHash
{
    private const uint Prime1 = 0x9E3779B1, Prime2 = 0x85EBCA77, Prime3 = 0xC2B2AE3D, Prime4 = 0x27D4EB2F, Prime5 = 0x165667B1;

    /// <summary>The finaliser of SplitMix64, its two halves folded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OfInt64(long value)
    {
        ulong mixed = (ulong)value + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return (uint)(mixed ^ (mixed >> 32));
    }

    /// <summary>A hash made of two, in their order.</summary>
    public static uint Combine(uint first, uint second) => OfInt64((long)(((ulong)first << 32) | second));

    /// <summary>XXH32 with seed 0.</summary>
    public static uint OfBytes(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        uint hash;
        if (rest.Length >= 16)
        {
            uint a = unchecked(Prime1 + Prime2), b = Prime2, c = 0, d = unchecked(0 - Prime1);
            for (; rest.Length >= 16; rest = rest[16..])
            {
                a = Round(a, BinaryPrimitives.ReadUInt32LittleEndian(rest));
                b = Round(b, BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]));
                c = Round(c, BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
                d = Round(d, BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]));
            }
            hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
        }
        else
        {
            hash = Prime5;
        }
        hash += (uint)bytes.Length;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash = BitOperations.RotateLeft(hash + (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime3), 17) * Prime4;
        }
        foreach (byte value in rest)
        {
            hash = BitOperations.RotateLeft(hash + (value * Prime5), 11) * Prime1;
        }
        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }

    private static uint Round(uint lane, uint value) => BitOperations.RotateLeft(lane + (value * Prime2), 13) * Prime1;
}
