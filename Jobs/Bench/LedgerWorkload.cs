using System.Buffers.Binary;

namespace Weir.Jobs;

/// <summary>The records of the comparison as functions of their number, so that any system makes and checks the same ones.</summary>
internal static class LedgerWorkload
{
    private const ulong Golden = 0x9e3779b97f4a7c15;
    private const ulong AmountSalt = 0x5bd1e995;

    public static long AccountOf(long seq, long accounts) => (long)(Mix((ulong)seq) % (ulong)accounts);

    /// <summary>Scatters an account anew, so that an exchange goes all to all.</summary>
    public static long Scattered(long account, long accounts) => AccountOf(account, accounts);

    public static long AmountOf(long seq) => (long)(Mix((ulong)seq ^ AmountSalt) % 1000) + 1;

    public static void WritePadding(long seq, Span<byte> padding)
    {
        ulong word = Mix(~(ulong)seq);
        for (; padding.Length >= sizeof(ulong); padding = padding[sizeof(ulong)..])
        {
            BinaryPrimitives.WriteUInt64BigEndian(padding, word);
            word = unchecked(word + Golden);
        }
        for (int i = 0; i < padding.Length; i++)
        {
            padding[i] = (byte)(word >> (56 - (8 * i)));
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
