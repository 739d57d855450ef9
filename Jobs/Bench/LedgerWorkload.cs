using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Weir.Jobs;

/// <summary>The records of the comparison as functions of their number, so that any system makes and checks the same ones.</summary>
internal static class LedgerWorkload
{
    private const ulong Golden = 0x9e3779b97f4a7c15;
    private const ulong AmountSalt = 0x5bd1e995;

    // Of 128 bits, which code compiled ahead may use on every x64.
    private static readonly Vector128<ulong> TwoSteps = Vector128.Create(0, Golden);

    private static readonly Vector128<byte> BigEndian = Vector128.Create((byte)7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);

    public static long AccountOf(long seq, long accounts) => (long)(Mix((ulong)seq) % (ulong)accounts);

    /// <summary>Scatters an account anew, so that an exchange goes all to all.</summary>
    public static long Scattered(long account, long accounts) => AccountOf(account, accounts);

    public static long AmountOf(long seq) => (long)(Mix((ulong)seq ^ AmountSalt) % 1000) + 1;

    public static void WritePadding(long seq, Span<byte> padding)
    {
        ulong word = Mix(~(ulong)seq);
        ref byte target = ref MemoryMarshal.GetReference(padding);
        int at = 0;
        if (BitConverter.IsLittleEndian)
        {
            for (; at <= padding.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
            {
                Vector128.Shuffle((Vector128.Create(word) + TwoSteps).AsByte(), BigEndian).StoreUnsafe(ref target, (nuint)at);
                word = unchecked(word + (2 * Golden));
            }
        }
        for (; at <= padding.Length - sizeof(ulong); at += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64BigEndian(padding[at..], word);
            word = unchecked(word + Golden);
        }
        for (int shift = 56; at < padding.Length; at++, shift -= 8)
        {
            padding[at] = (byte)(word >> shift);
        }
    }

    /// <summary>The finaliser of SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            return value ^ (value >> 31);
        }
    }
}
