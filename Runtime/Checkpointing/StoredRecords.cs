using System.Buffers.Binary;
using Weir.Runtime.Gates;

namespace Weir.Runtime;

/// <summary>A record that was in flight, or a watermark between records, as bytes.</summary>
/// <param name="Timestamp">The record's time in ms since 1970, or the watermark.</param>
/// <param name="Hash">The hash of the record's key; 0 where its edge has none.</param>
/// <param name="Bytes">The record; null where this is a watermark.</param>
public readonly record struct StoredRecord(long Timestamp, uint Hash, ReadOnlyMemory<byte>? Bytes);

/// <summary>Reads in-flight records without the job whose they are.</summary>
public static class StoredRecords
{
    /// <summary>The first records of a segment, with the watermarks between them.</summary>
    /// <param name="payload">The segment's, verified.</param>
    /// <param name="codec">Theirs, for messages.</param>
    /// <param name="max">How many at most.</param>
    /// <exception cref="CodecException">The bytes are not whole records.</exception>
    public static IReadOnlyList<StoredRecord> Of(ReadOnlyMemory<byte> payload, CodecId codec, int max)
    {
        var records = new List<StoredRecord>();
        for (var rest = payload; rest.Length > 0 && records.Count < max;)
        {
            if (RecordFormat.IsWatermark(rest.Span))
            {
                records.Add(new StoredRecord(RecordFormat.WatermarkOf(rest.Span), 0, null));
                rest = rest[RecordFormat.HeaderSize..];
                continue;
            }
            int length = RecordFormat.LengthOf(rest.Span, codec);
            long timestamp = BinaryPrimitives.ReadInt64BigEndian(rest.Span[sizeof(int)..]);
            records.Add(new StoredRecord(timestamp, RecordFormat.HashOf(rest.Span), rest[RecordFormat.HeaderSize..length]));
            rest = rest[length..];
        }
        return records;
    }
}
