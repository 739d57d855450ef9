using System.Buffers.Binary;
using System.Text;

namespace Weir.Connectors.Kafka.Aside;

/// <summary>Undecodable messages in flight: numbers big-endian, each text and each run of bytes behind its length, -1 where there is none.</summary>
internal sealed class UndecodableMessageCodec : Codec<UndecodableMessage>
{
    private const int None = -1;

    public override CodecId Id => new("weir.kafka.undecodable", 1);

    public override void Encode(in UndecodableMessage value, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt32(value.Partition);
        output.WriteInt64(value.Offset);
        output.WriteInt64(value.Timestamp);
        Write(Encoding.UTF8.GetBytes(value.Topic), output);
        Write(Encoding.UTF8.GetBytes(value.Cause), output);
        Write(value.Key, output);
        Write(value.Value, output);
    }

    public override UndecodableMessage Decode(ReadOnlySpan<byte> encoded)
    {
        var reader = new Reader(this, encoded);
        var read = new UndecodableMessage
        {
            Partition = reader.Int32(),
            Offset = reader.Int64(),
            Timestamp = reader.Int64(),
            Topic = reader.Text(),
            Cause = reader.Text(),
            Key = reader.Bytes(),
            Value = reader.Bytes(),
        };
        reader.End();
        return read;
    }

    private static void Write(ReadOnlyMemory<byte>? bytes, ByteArena output)
    {
        output.WriteInt32(bytes?.Length ?? None);
        output.Append(bytes.GetValueOrDefault().Span);
    }

    private ref struct Reader(UndecodableMessageCodec codec, ReadOnlySpan<byte> left)
    {
        private ReadOnlySpan<byte> _left = left;

        public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

        public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

        public string Text() => Encoding.UTF8.GetString(Take(Int32()));

        public ReadOnlyMemory<byte>? Bytes() => Int32() is var length && length == None ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(Take(length).ToArray());

        public readonly void End()
        {
            if (_left.Length > 0)
            {
                throw new CodecException(codec.Id, $"{_left.Length} bytes are left over.");
            }
        }

        private ReadOnlySpan<byte> Take(int length)
        {
            if ((uint)length > (uint)_left.Length)
            {
                throw new CodecException(codec.Id, $"{length} bytes are to be read, of {_left.Length}.");
            }
            var taken = _left[..length];
            _left = _left[length..];
            return taken;
        }
    }
}
