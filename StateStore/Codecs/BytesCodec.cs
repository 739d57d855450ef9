namespace Weir;

/// <summary>Bytes as they are.</summary>
internal sealed class BytesCodec : Codec<byte[]>
{
    public override CodecId Id => new("weir.bytes", 1);

    public override void Encode(in byte[] value, ReadOnlySpan<byte> bytes, ByteArena output) => output.Append(value);

    public override byte[] Decode(ReadOnlySpan<byte> encoded) => encoded.ToArray();
}
