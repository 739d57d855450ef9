using System.Buffers;
using System.Text;
using Weir.StateStore;

namespace Weir;

/// <summary>A string key as UTF-8, strictly: two keys never become the same bytes by repair.</summary>
internal sealed class Utf8KeyCodec : KeyCodec<string>
{
    private const int OnStackMax = 512;

    public override CodecId Id => new("weir.key.utf8", 1);

    public override int FixedLength => 0;

    public override uint Hash(in string key)
    {
        byte[]? rented = null;
        int lengthMax = Encoding.UTF8.GetMaxByteCount(key.Length);
        Span<byte> bytes = lengthMax <= OnStackMax ? stackalloc byte[OnStackMax] : rented = ArrayPool<byte>.Shared.Rent(lengthMax);
        try
        {
            return StableHash.OfBytes(bytes[..Utf8Codec.Strict.GetBytes(key, bytes)]);
        }
        catch (EncoderFallbackException e)
        {
            throw new CodecException(Id, $"the string is no valid UTF-16 at index {e.Index}.", e);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    public override void Encode(in string key, ByteArena output) => Utf8Codec.Encode(Id, key, output);

    public override string Decode(ReadOnlySpan<byte> encoded) => Utf8Codec.Decode(Id, encoded);
}
