using System.Text;

namespace Weir;

/// <summary>Text as UTF-8, strictly: what can't be read back equal is refused.</summary>
internal sealed class Utf8Codec : Codec<string>
{
    internal static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override CodecId Id => new("weir.utf8", 1);

    public override void Encode(in string value, ReadOnlySpan<byte> bytes, ByteArena output) => Encode(Id, value, output);

    public override string Decode(ReadOnlySpan<byte> encoded) => Decode(Id, encoded);

    internal static void Encode(CodecId id, string value, ByteArena output)
    {
        try
        {
            Strict.GetBytes(value, output.Claim(Strict.GetByteCount(value)));
        }
        catch (EncoderFallbackException e)
        {
            throw new CodecException(id, $"the string is no valid UTF-16 at index {e.Index}.", e);
        }
    }

    internal static string Decode(CodecId id, ReadOnlySpan<byte> encoded)
    {
        try
        {
            return Strict.GetString(encoded);
        }
        catch (DecoderFallbackException e)
        {
            throw new CodecException(id, $"the bytes are no valid UTF-8 at offset {e.Index}.", e);
        }
    }
}
