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
        output.WriteInt32(value.Headers.Count);
        foreach (var header in value.Headers)
        {
            FieldReader.Write(header.Name, output);
            FieldReader.Write(header.Value, output);
        }
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
            Headers = Headers(ref reader),
        };
        reader.End();
        return read;
    }

    private static List<UndecodableHeader> Headers(ref FieldReader reader)
    {
        var headers = new List<UndecodableHeader>();
        for (int left = reader.Int32(); left > 0; left--)
        {
            headers.Add(new UndecodableHeader(reader.Text(), reader.Bytes()));
        }
        return headers;
    }
}
