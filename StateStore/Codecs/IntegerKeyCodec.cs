using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Weir.StateStore;

namespace Weir;

/// <summary>An integer key: its bytes big-endian, its hash that of the number widened to 64 bits.</summary>
internal sealed class IntegerKeyCodec<TKey>(string name, int length) : KeyCodec<TKey>
    where TKey : unmanaged, IBinaryInteger<TKey>, IMinMaxValue<TKey>
{
    public override CodecId Id { get; } = new(name, 1);

    public override int FixedLength => length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override uint Hash(in TKey key) => StableHash.OfInt64(long.CreateTruncating(key));

    public override void Encode(in TKey key, ByteArena output)
    {
        if (typeof(TKey) == typeof(long))
        {
            BinaryPrimitives.WriteInt64BigEndian(output.Claim(sizeof(long)), long.CreateTruncating(key));
            return;
        }
        key.WriteBigEndian(output.Claim(Unsafe.SizeOf<TKey>()));
    }

    public override TKey Decode(ReadOnlySpan<byte> encoded) =>
        encoded.Length == FixedLength
            ? TKey.ReadBigEndian(encoded, isUnsigned: TKey.MinValue == TKey.Zero)
            : throw new CodecException(Id, $"{encoded.Length} bytes were stored, {FixedLength} are the key's.");
}
