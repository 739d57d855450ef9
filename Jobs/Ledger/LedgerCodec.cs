using System.Buffers.Binary;

namespace Weir.Jobs;

/// <summary>Ledger entries in flight: the account, then the message's value.</summary>
public sealed class LedgerCodec : Codec<LedgerEntry>
{
    private LedgerCodec()
    {
    }

    /// <summary>The one there is.</summary>
    public static LedgerCodec Instance { get; } = new();

    /// <inheritdoc/>
    public override CodecId Id => new("ledger.entry", 1);

    /// <inheritdoc/>
    public override bool HasSlices => true;

    /// <inheritdoc/>
    public override void Encode(in LedgerEntry value, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt64(value.Account);
        value.WriteValue(bytes, output);
    }

    /// <inheritdoc/>
    public override LedgerEntry Decode(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= sizeof(long) + LedgerEntry.ValueLengthMin
            ? LedgerEntry.ReadValue(BinaryPrimitives.ReadInt64BigEndian(encoded), encoded, sizeof(long))
            : throw new CodecException(Id, $"{encoded.Length} bytes are no entry.");

    /// <inheritdoc/>
    public override void Move(ref LedgerEntry value, ReadOnlySpan<byte> from, ByteArena target) =>
        value.Padding = target.Append(value.Padding.In(from));
}
