namespace Weir;

/// <summary>One byte, 0 or 1; others are refused, since .NET would take them for a third truth value.</summary>
internal sealed class BooleanCodec : Codec<bool>
{
    public override CodecId Id => new("weir.boolean", 1);

    internal override bool IsMemoryCopy => true;

    public override void Encode(in bool value, ReadOnlySpan<byte> bytes, ByteArena output) => output.Claim(1)[0] = value ? (byte)1 : (byte)0;

    public override bool Decode(ReadOnlySpan<byte> encoded) => encoded is [0 or 1] ? encoded[0] == 1 : throw new CodecException(Id, "the bytes are neither 0 nor 1.");
}
