using System.Buffers.Binary;

namespace Weir.Jobs;

/// <summary>One booking: an amount for an account.</summary>
/// <param name="Account">Whose it is; the message's key.</param>
/// <param name="Seq">Its number in the whole input.</param>
/// <param name="CreatedMs">When it was made, in ms since 1970.</param>
/// <param name="Amount">What is added to the account.</param>
/// <param name="Balance">The account's sum up to here; 0 in the input.</param>
/// <param name="Padding">Whatever else the message's value holds.</param>
public record struct LedgerEntry(long Account, long Seq, long CreatedMs, long Amount, long Balance, Slice Padding)
{
    /// <summary>Bytes of a message's value before the padding.</summary>
    internal const int ValueLengthMin = 4 * sizeof(long);

    /// <summary>Appends what a message's value holds.</summary>
    internal readonly void WriteValue(ReadOnlySpan<byte> bytes, ByteArena output)
    {
        var padding = Padding.In(bytes);
        var value = output.Claim(ValueLengthMin + padding.Length);
        BinaryPrimitives.WriteInt64BigEndian(value, Seq);
        BinaryPrimitives.WriteInt64BigEndian(value[8..], CreatedMs);
        BinaryPrimitives.WriteInt64BigEndian(value[16..], Amount);
        BinaryPrimitives.WriteInt64BigEndian(value[24..], Balance);
        padding.CopyTo(value[ValueLengthMin..]);
    }

    /// <summary>Reads what <see cref="WriteValue"/> wrote.</summary>
    /// <param name="account">The account.</param>
    /// <param name="bytes">What the padding refers to.</param>
    /// <param name="start">Where in them the value begins.</param>
    internal static LedgerEntry ReadValue(long account, ReadOnlySpan<byte> bytes, int start)
    {
        var value = bytes[start..];
        return new LedgerEntry(
            account,
            BinaryPrimitives.ReadInt64BigEndian(value),
            BinaryPrimitives.ReadInt64BigEndian(value[8..]),
            BinaryPrimitives.ReadInt64BigEndian(value[16..]),
            BinaryPrimitives.ReadInt64BigEndian(value[24..]),
            new Slice(start + ValueLengthMin, value.Length - ValueLengthMin));
    }
}
