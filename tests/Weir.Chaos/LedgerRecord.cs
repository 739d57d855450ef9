using System.Buffers.Binary;

namespace Weir.Chaos;

/// <summary>The records of the ledger as functions of their number; written apart from the job's own code, which it is to check.</summary>
internal static class LedgerRecord
{
    public const int ValueLength = 100;

    public static long Account(long seq, int accounts) => (long)(Mix((ulong)seq) % (ulong)accounts);

    public static long Amount(long seq) => (long)(Mix((ulong)seq ^ 0x5bd1e995) % 1000) + 1;

    public static byte[] Key(long account)
    {
        byte[] key = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(key, account);
        return key;
    }

    public static byte[] Value(long seq, long balance)
    {
        byte[] value = new byte[ValueLength];
        BinaryPrimitives.WriteInt64BigEndian(value, seq);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8), seq);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(16), Amount(seq));
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(24), balance);
        Span<byte> word = stackalloc byte[8];
        for (int at = 32, k = 0; at < ValueLength; at += 8, k++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(word, unchecked(Mix(~(ulong)seq) + ((ulong)k * 0x9e3779b97f4a7c15)));
            word[..Math.Min(8, ValueLength - at)].CopyTo(value.AsSpan(at));
        }
        return value;
    }

    private static ulong Mix(ulong word)
    {
        unchecked
        {
            word ^= word >> 30;
            word *= 0xbf58476d1ce4e5b9;
            word ^= word >> 27;
            word *= 0x94d049bb133111eb;
            return word ^ (word >> 31);
        }
    }
}
