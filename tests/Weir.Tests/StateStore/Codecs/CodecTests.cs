using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using CsCheck;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed partial class CodecTests
{
    [Fact]
    public void What_a_codec_wrote_it_reads_back()
    {
        Gen.Int.Sample(value => RoundTrip(Codec.Int32, value) == value);
        Gen.Long.Sample(value => RoundTrip(Codec.Int64, value) == value);
        Gen.Double.Sample(value => RoundTrip(Codec.Double, value).Equals(value));
        Gen.Bool.Sample(value => RoundTrip(Codec.Boolean, value) == value);
        Gen.Guid.Sample(value => RoundTrip(Codec.Guid, value) == value);
        Gen.Byte.Array.Sample(value => RoundTrip(Codec.Bytes, value).SequenceEqual(value));
        Gen.Select(Gen.Int, Gen.Long).Sample((a, b) => RoundTrip(Codec.Fixed<Pair>(new("test.pair", 1)), new Pair(a, b)) == new Pair(a, b));
        Gen.Select(Gen.Int, Gen.String.AlphaNumeric).Sample((a, b) => RoundTrip(Codec.Json(CodecJson.Default.Order), new Order(a, b)) == new Order(a, b));
    }

    [Theory, InlineData(""), InlineData("plain"), InlineData("größe 😀\0")]
    public void Text_reads_back(string text)
    {
        Assert.Equal(text, RoundTrip(Codec.Utf8, text));
        Assert.Equal(text, RoundTrip(KeyCodec.Utf8, text));
    }

    [Fact]
    public void Text_that_would_be_repaired_is_refused()
    {
        Assert.Throws<CodecException>(() => RoundTrip(Codec.Utf8, "\ud800"));
        Assert.Throws<CodecException>(() => Codec.Utf8.Decode([0xFF]));
        Assert.Throws<CodecException>(() => KeyCodec.Utf8.Hash("\ud800"));
    }

    [Fact]
    public void Bytes_of_another_layout_are_refused()
    {
        Assert.Throws<CodecException>(() => Codec.Int64.Decode(new byte[7]));
        Assert.Throws<CodecException>(() => Codec.Boolean.Decode([2]));
        Assert.Throws<CodecException>(() => Codec.Json(CodecJson.Default.Order).Decode("{"u8));
        Assert.Throws<CodecException>(() => KeyCodec.Int64.Decode(new byte[4]));
        Assert.Throws<CodecException>(() => KeyCodec.Guid.Decode(new byte[4]));
    }

    [Fact]
    public void A_json_codec_is_named_by_its_type_unless_a_name_is_given()
    {
        Assert.Equal(new CodecId("json.order", 1), Codec.Json(CodecJson.Default.Order).Id);
        Assert.Equal(new CodecId("shop.order", 3), Codec.Json(CodecJson.Default.Order, "shop.order", 3).Id);
    }

    [Fact]
    public void Keys_read_back()
    {
        Gen.Byte.Sample(key => RoundTrip(KeyCodec.Byte, key) == key);
        Gen.SByte.Sample(key => RoundTrip(KeyCodec.SByte, key) == key);
        Gen.Short.Sample(key => RoundTrip(KeyCodec.Int16, key) == key);
        Gen.UShort.Sample(key => RoundTrip(KeyCodec.UInt16, key) == key);
        Gen.Int.Sample(key => RoundTrip(KeyCodec.Int32, key) == key);
        Gen.UInt.Sample(key => RoundTrip(KeyCodec.UInt32, key) == key);
        Gen.Long.Sample(key => RoundTrip(KeyCodec.Int64, key) == key);
        Gen.ULong.Sample(key => RoundTrip(KeyCodec.UInt64, key) == key);
        Gen.Guid.Sample(key => RoundTrip(KeyCodec.Guid, key) == key);
        Gen.Byte.Array.Sample(key => RoundTrip(KeyCodec.Bytes, key).SequenceEqual(key));
        Gen.Select(Gen.Long, Gen.String.AlphaNumeric).Sample((a, b) => RoundTrip(OrderKeyCodec, new OrderKey(a, b)) == new OrderKey(a, b));
    }

    [Fact]
    public void Key_bytes_are_big_endian()
    {
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 2], Encode(KeyCodec.Int64, 0x102));
        Assert.Equal([1, 2], Encode(KeyCodec.UInt16, (ushort)0x102));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, (byte)'a', (byte)'b'], Encode(OrderKeyCodec, new OrderKey(7, "ab")));
    }

    [Fact]
    public void A_record_key_has_a_fixed_length_if_all_its_fields_do()
    {
        Assert.Equal(0, OrderKeyCodec.FixedLength);
        Assert.Equal(12, KeyCodec.Record(new("test.pair", 1), (Pair p) => p.A, KeyCodec.Int32, p => p.B, KeyCodec.Int64, (a, b) => new Pair(a, b)).FixedLength);
    }

    [Fact]
    public void A_damaged_record_key_is_refused()
    {
        byte[] bytes = Encode(OrderKeyCodec, new OrderKey(7, "ab"));
        Assert.Throws<CodecException>(() => OrderKeyCodec.Decode(bytes.AsSpan(0, bytes.Length - 1)));
        Assert.Throws<CodecException>(() => OrderKeyCodec.Decode([.. bytes, 0]));
    }

    [Fact]
    public void Hashes_never_change()
    {
        Assert.Equal(0x02CC5D05u, StableHash.OfBytes([]));
        Assert.Equal(0x32D153FFu, StableHash.OfBytes("abc"u8));
        Assert.Equal(0xE2293B2Fu, StableHash.OfBytes("Nobody inspects the spammish repetition"u8));
        Assert.Equal(StableHash.OfBytes("abc"u8), KeyCodec.Utf8.Hash("abc"));
        Assert.Equal(StableHash.OfInt64(-1), KeyCodec.Int32.Hash(-1));
        Assert.Equal(StableHash.OfInt64(-1), KeyCodec.Int64.Hash(-1));
        // SplitMix64 of 0 is 0xE220A8397B1DCDAF.
        Assert.Equal(0xE220A839u ^ 0x7B1DCDAFu, StableHash.OfInt64(0));
        Assert.Equal(StableHash.OfInt64(unchecked((long)0x0000000100000002)), StableHash.Combine(1, 2));
    }

    [Fact]
    public void A_type_without_a_codec_is_an_error_that_says_how_to_register_one()
    {
        var codecs = new CodecRegistry();
        var missing = Assert.Throws<ArgumentException>(codecs.Of<Order>);
        Assert.Contains("Order", missing.Message, StringComparison.Ordinal);
        Assert.Contains("codecs.Add(Codec.Json(", missing.Message, StringComparison.Ordinal);
        Assert.Contains("codecs.AddKey(", Assert.Throws<ArgumentException>(codecs.KeyOf<Order>).Message, StringComparison.Ordinal);
        var added = Codec.Json(CodecJson.Default.Order);
        Assert.Same(added, codecs.Add(added).Of<Order>());
        Assert.Same(Codec.Int64, codecs.Of<long>());
        Assert.Same(KeyCodec.Utf8, codecs.KeyOf<string>());
    }

    private static KeyCodec<OrderKey> OrderKeyCodec { get; } = KeyCodec.Record(
        new("test.order-key", 1), (OrderKey key) => key.Account, KeyCodec.Int64, key => key.Currency, KeyCodec.Utf8, (account, currency) => new OrderKey(account, currency));

    private static T RoundTrip<T>(Codec<T> codec, T value)
    {
        var arena = new ByteArena();
        arena.Append([1, 2, 3]);
        codec.Encode(in value, [], arena);
        return codec.Decode(arena.Written[3..]);
    }

    private static TKey RoundTrip<TKey>(KeyCodec<TKey> codec, TKey key) => codec.Decode(Encode(codec, key));

    private static byte[] Encode<TKey>(KeyCodec<TKey> codec, TKey key)
    {
        var arena = new ByteArena();
        codec.Encode(in key, arena);
        Assert.True(codec.FixedLength == 0 || codec.FixedLength == arena.Length);
        return arena.Written.ToArray();
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    internal readonly record struct Pair(int A, long B);

    internal sealed record OrderKey(long Account, string Currency);

    internal sealed record Order(int Id, string Name);

    [JsonSerializable(typeof(Order))]
    internal sealed partial class CodecJson : JsonSerializerContext;
}
