using System.Buffers.Binary;

namespace Weir.Jobs;

/// <summary>Messages as they are.</summary>
public sealed class CopiedMessages : MessageCodec<CopiedMessage>
{
    private CopiedMessages()
    {
    }

    /// <summary>The one there is.</summary>
    public static CopiedMessages Instance { get; } = new();

    /// <inheritdoc/>
    public override Codec<CopiedMessage> Records { get; } = new InFlight();

    /// <inheritdoc/>
    public override CopiedMessage Decode(in Message message) => new(
        message.Partition,
        message.HasKey ? new CopiedKey(message.Key) : default,
        new Slice(0, message.HasValue ? message.Value.Length : -1));

    /// <inheritdoc/>
    public override bool EncodeValue(in CopiedMessage record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (record.HasValue)
        {
            output.Append(record.Value.In(bytes));
        }
        return record.HasValue;
    }

    /// <inheritdoc/>
    public override bool EncodeKey(in CopiedMessage record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        record.Key.WriteTo(output);
        return record.Key.Exists;
    }

    /// <summary>Partition, length of key and value (-1: none), key, value.</summary>
    private sealed class InFlight : Codec<CopiedMessage>
    {
        private const int HeaderLength = 3 * sizeof(int);

        public override CodecId Id => new("copy.message", 1);

        public override bool HasSlices => true;

        public override void Encode(in CopiedMessage value, ReadOnlySpan<byte> bytes, ByteArena output)
        {
            output.WriteInt32(value.Partition);
            output.WriteInt32(value.Key.Exists ? value.Key.Length : -1);
            output.WriteInt32(value.Value.Length);
            value.Key.WriteTo(output);
            if (value.HasValue)
            {
                output.Append(value.Value.In(bytes));
            }
        }

        public override CopiedMessage Decode(ReadOnlySpan<byte> encoded)
        {
            if (encoded.Length < HeaderLength)
            {
                throw new CodecException(Id, $"{encoded.Length} bytes are no message.");
            }
            int partition = BinaryPrimitives.ReadInt32BigEndian(encoded);
            int keyLength = BinaryPrimitives.ReadInt32BigEndian(encoded[4..]);
            int valueLength = BinaryPrimitives.ReadInt32BigEndian(encoded[8..]);
            if (keyLength < -1 || valueLength < -1 || HeaderLength + (long)Math.Max(keyLength, 0) + Math.Max(valueLength, 0) != encoded.Length)
            {
                throw new CodecException(Id, $"a key of {keyLength} and a value of {valueLength} bytes do not make {encoded.Length}.");
            }
            return new CopiedMessage(
                partition,
                keyLength < 0 ? default : new CopiedKey(encoded.Slice(HeaderLength, keyLength)),
                new Slice(HeaderLength + Math.Max(keyLength, 0), valueLength));
        }

        public override void Move(ref CopiedMessage value, ReadOnlySpan<byte> from, ByteArena target)
        {
            if (value.HasValue)
            {
                value = value with { Value = target.Append(value.Value.In(from)) };
            }
        }
    }
}
