namespace Weir.Connectors.Kafka.Aside;

/// <summary>Ranges of lost records in flight.</summary>
internal sealed class LostRecordsCodec : Codec<LostRecords>
{
    public override CodecId Id => new("weir.kafka.lost", 1);

    public override void Encode(in LostRecords value, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        FieldReader.Write(value.Topic, output);
        output.WriteInt32(value.Partition);
        output.WriteInt64(value.From);
        output.WriteInt64(value.Before);
    }

    public override LostRecords Decode(ReadOnlySpan<byte> encoded)
    {
        var reader = new FieldReader(Id, encoded);
        var read = new LostRecords(reader.Text(), reader.Int32(), reader.Int64(), reader.Int64());
        reader.End();
        return read;
    }
}
