using System.Buffers.Binary;

namespace Weir.Tests.Simulation;

/// <summary>The record of a simulated job: where it comes from, and which way it took.</summary>
/// <param name="Seq">Its number in the whole input.</param>
/// <param name="Key">By which it is keyed; operators may change it, by a rule.</param>
/// <param name="Path">Which operators it passed, by which input, and as which of several copies.</param>
/// <param name="CountedBy">The operator that counted it last; 0 where none did.</param>
/// <param name="CountedKey">The key it was counted for.</param>
/// <param name="Count">Which one of that key it was there.</param>
/// <param name="Rules">How many broadcast records the last operator that takes such had seen before it.</param>
/// <param name="IsOnTime">Whether it was on time where it got its time last.</param>
/// <param name="Body">Some bytes, which are those of its number.</param>
internal record struct Token(long Seq, long Key, long Path, long CountedBy, long CountedKey, long Count, long Rules, bool IsOnTime, Slice Body)
{
    private const int ValueLengthMin = (6 * sizeof(long)) + 1;

    /// <summary>The event time of a record: as they are numbered, but not quite in order.</summary>
    public static long TimeOf(in Token token) => (token.Seq % 100_000 * 10) + (SimulatedNode.Mix(token.Seq, 3) % 200);

    public readonly void WriteValue(ReadOnlySpan<byte> bytes, ByteArena output)
    {
        var body = Body.In(bytes);
        var value = output.Claim(ValueLengthMin + body.Length);
        BinaryPrimitives.WriteInt64BigEndian(value, Seq);
        BinaryPrimitives.WriteInt64BigEndian(value[8..], Path);
        BinaryPrimitives.WriteInt64BigEndian(value[16..], CountedBy);
        BinaryPrimitives.WriteInt64BigEndian(value[24..], CountedKey);
        BinaryPrimitives.WriteInt64BigEndian(value[32..], Count);
        BinaryPrimitives.WriteInt64BigEndian(value[40..], Rules);
        value[48] = IsOnTime ? (byte)1 : (byte)0;
        body.CopyTo(value[ValueLengthMin..]);
    }

    public static Token ReadValue(long key, ReadOnlySpan<byte> bytes, int start)
    {
        var value = bytes[start..];
        return new Token(
            BinaryPrimitives.ReadInt64BigEndian(value),
            key,
            BinaryPrimitives.ReadInt64BigEndian(value[8..]),
            BinaryPrimitives.ReadInt64BigEndian(value[16..]),
            BinaryPrimitives.ReadInt64BigEndian(value[24..]),
            BinaryPrimitives.ReadInt64BigEndian(value[32..]),
            BinaryPrimitives.ReadInt64BigEndian(value[40..]),
            value[48] == 1,
            new Slice(start + ValueLengthMin, value.Length - ValueLengthMin));
    }
}

/// <summary>Tokens in flight.</summary>
internal sealed class TokenCodec : Codec<Token>
{
    public static TokenCodec Instance { get; } = new();

    public override CodecId Id => new("simulation.token", 1);

    public override bool HasSlices => true;

    public override void Encode(in Token value, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt64(value.Key);
        value.WriteValue(bytes, output);
    }

    public override Token Decode(ReadOnlySpan<byte> encoded) => Token.ReadValue(BinaryPrimitives.ReadInt64BigEndian(encoded), encoded, sizeof(long));

    public override void Move(ref Token value, ReadOnlySpan<byte> from, ByteArena target) => value.Body = target.Append(value.Body.In(from));
}

/// <summary>Tokens in the simulated log.</summary>
internal sealed class TokenMessages : MessageCodec<Token>
{
    public static TokenMessages Instance { get; } = new();

    public override Codec<Token> Records => TokenCodec.Instance;

    public override Token Decode(in Message message) => Token.ReadValue(BinaryPrimitives.ReadInt64BigEndian(message.Key), message.Value, 0);

    public override bool EncodeValue(in Token record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        record.WriteValue(bytes, output);
        return true;
    }

    public override bool EncodeKey(in Token record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt64(record.Key);
        return true;
    }
}
