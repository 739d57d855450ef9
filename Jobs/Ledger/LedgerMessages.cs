using System.Buffers.Binary;

namespace Weir.Jobs;

/// <summary>Ledger entries as messages: the account is the key, 8 bytes big-endian; all else is the value.</summary>
public sealed class LedgerMessages : MessageCodec<LedgerEntry>
{
    private LedgerMessages()
    {
    }

    /// <summary>The one there is.</summary>
    public static LedgerMessages Instance { get; } = new();

    /// <inheritdoc/>
    public override Codec<LedgerEntry> Records => LedgerCodec.Instance;

    /// <inheritdoc/>
    public override LedgerEntry Decode(in Message message) =>
        message.Key.Length == sizeof(long) && message.Value.Length >= LedgerEntry.ValueLengthMin
            ? LedgerEntry.ReadValue(BinaryPrimitives.ReadInt64BigEndian(message.Key), message.Value, 0)
            : throw new CodecException(Records.Id, $"a key of {message.Key.Length} bytes and a value of {message.Value.Length} are no entry.");

    /// <inheritdoc/>
    public override bool EncodeValue(in LedgerEntry record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        record.WriteValue(bytes, output);
        return true;
    }

    /// <inheritdoc/>
    public override bool EncodeKey(in LedgerEntry record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt64(record.Account);
        return true;
    }
}
