using System.Diagnostics.CodeAnalysis;
using Weir.StateStore;

namespace Weir;

/// <summary>The key codecs that come with Weir. Integers are big-endian, so that keys sort as bytes the way unsigned numbers do.</summary>
/// <remarks>The name and version of a key codec stand for its bytes and its hash: both are fixed for ever.</remarks>
[SuppressMessage("Naming", "CA1720", Justification = "A codec is called by the type it is for.")]
public static class KeyCodec
{
    /// <summary>8-bit numbers without a sign.</summary>
    public static KeyCodec<byte> Byte { get; } = new IntegerKeyCodec<byte>("weir.key.byte", 1);

    /// <summary>8-bit numbers.</summary>
    public static KeyCodec<sbyte> SByte { get; } = new IntegerKeyCodec<sbyte>("weir.key.sbyte", 1);

    /// <summary>16-bit numbers.</summary>
    public static KeyCodec<short> Int16 { get; } = new IntegerKeyCodec<short>("weir.key.int16", 2);

    /// <summary>16-bit numbers without a sign.</summary>
    public static KeyCodec<ushort> UInt16 { get; } = new IntegerKeyCodec<ushort>("weir.key.uint16", 2);

    /// <summary>32-bit numbers.</summary>
    public static KeyCodec<int> Int32 { get; } = new IntegerKeyCodec<int>("weir.key.int32", 4);

    /// <summary>32-bit numbers without a sign.</summary>
    public static KeyCodec<uint> UInt32 { get; } = new IntegerKeyCodec<uint>("weir.key.uint32", 4);

    /// <summary>64-bit numbers.</summary>
    public static KeyCodec<long> Int64 { get; } = new IntegerKeyCodec<long>("weir.key.int64", 8);

    /// <summary>64-bit numbers without a sign.</summary>
    public static KeyCodec<ulong> UInt64 { get; } = new IntegerKeyCodec<ulong>("weir.key.uint64", 8);

    /// <summary>Sixteen bytes in the order of the text form.</summary>
    public static KeyCodec<Guid> Guid { get; } = new GuidKeyCodec();

    /// <summary>Text as UTF-8; null is no key.</summary>
    public static KeyCodec<string> Utf8 { get; } = new Utf8KeyCodec();

    /// <summary>Bytes as they are; null is no key.</summary>
    public static KeyCodec<byte[]> Bytes { get; } = new BytesKeyCodec();

    /// <summary>A key of two fields.</summary>
    /// <param name="id">Name and version; a change of the fields or their order asks for a new version.</param>
    /// <param name="first">Reads the first field.</param>
    /// <param name="firstCodec">Its codec.</param>
    /// <param name="second">Reads the second field.</param>
    /// <param name="secondCodec">Its codec.</param>
    /// <param name="make">Makes the key of its fields.</param>
    public static KeyCodec<TKey> Record<TKey, T1, T2>(
        CodecId id,
        Func<TKey, T1> first,
        KeyCodec<T1> firstCodec,
        Func<TKey, T2> second,
        KeyCodec<T2> secondCodec,
        Func<T1, T2, TKey> make) =>
        new RecordKeyCodec<TKey>(
            id,
            [new KeyField<TKey, T1>(first, firstCodec), new KeyField<TKey, T2>(second, secondCodec)],
            (ref KeyReader reader) => make(reader.Read(firstCodec), reader.Read(secondCodec)));

    /// <summary>A key of three fields.</summary>
    /// <param name="id">Name and version; a change of the fields or their order asks for a new version.</param>
    /// <param name="first">Reads the first field.</param>
    /// <param name="firstCodec">Its codec.</param>
    /// <param name="second">Reads the second field.</param>
    /// <param name="secondCodec">Its codec.</param>
    /// <param name="third">Reads the third field.</param>
    /// <param name="thirdCodec">Its codec.</param>
    /// <param name="make">Makes the key of its fields.</param>
    public static KeyCodec<TKey> Record<TKey, T1, T2, T3>(
        CodecId id,
        Func<TKey, T1> first,
        KeyCodec<T1> firstCodec,
        Func<TKey, T2> second,
        KeyCodec<T2> secondCodec,
        Func<TKey, T3> third,
        KeyCodec<T3> thirdCodec,
        Func<T1, T2, T3, TKey> make) =>
        new RecordKeyCodec<TKey>(
            id,
            [new KeyField<TKey, T1>(first, firstCodec), new KeyField<TKey, T2>(second, secondCodec), new KeyField<TKey, T3>(third, thirdCodec)],
            (ref KeyReader reader) => make(reader.Read(firstCodec), reader.Read(secondCodec), reader.Read(thirdCodec)));

    private sealed class GuidKeyCodec : KeyCodec<Guid>
    {
        public override CodecId Id => new("weir.key.guid", 1);

        public override int FixedLength => 16;

        public override uint Hash(in Guid key)
        {
            Span<byte> bytes = stackalloc byte[16];
            key.TryWriteBytes(bytes, bigEndian: true, out _);
            return StableHash.OfBytes(bytes);
        }

        public override void Encode(in Guid key, ByteArena output) => key.TryWriteBytes(output.Claim(16), bigEndian: true, out _);

        public override Guid Decode(ReadOnlySpan<byte> encoded) =>
            encoded.Length == 16 ? new Guid(encoded, bigEndian: true) : throw new CodecException(Id, $"{encoded.Length} bytes are no Guid.");
    }

    private sealed class BytesKeyCodec : KeyCodec<byte[]>
    {
        public override CodecId Id => new("weir.key.bytes", 1);

        public override int FixedLength => 0;

        public override uint Hash(in byte[] key) => StableHash.OfBytes(key);

        public override void Encode(in byte[] key, ByteArena output) => output.Append(key);

        public override byte[] Decode(ReadOnlySpan<byte> encoded) => encoded.ToArray();
    }
}
