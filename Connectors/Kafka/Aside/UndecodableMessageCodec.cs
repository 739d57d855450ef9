namespace Weir.Connectors.Kafka.Aside;

/// <summary>Undecodable messages in flight.</summary>
internal sealed class UndecodableMessageCodec : Codec<UndecodableMessage>
{
    public override CodecId Id => new("weir.kafka.undecodable", 1);

    public override void Encode(in UndecodableMessage value, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt32(value.Partition);
        output.WriteInt64(value.Offset);
        output.WriteInt64(value.Timestamp);
        FieldReader.Write(value.Topic, output);
        FieldReader.Write(value.Cause, output);
        FieldReader.Write(value.Key, output);
        FieldReader.Write(value.Value, output);
    }

    public override UndecodableMessage Decode(ReadOnlySpan<byte> encoded)
    {
        var reader = new FieldReader(Id, encoded);
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
}
