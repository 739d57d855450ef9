using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Weir.Sandbox.Log;

/// <summary>The head of a record batch, version 2 (kafka.apache.org/documentation, Record Batch), and the batches that the broker itself writes.</summary>
internal static class RecordBatch
{
    /// <summary>Bytes before the records.</summary>
    public const int HeadBytes = 61;

    /// <summary>Bytes of a batch that its length does not count: base offset and length.</summary>
    public const int LengthOverhead = 12;

    public const int TimestampTypeBit = 1 << 3;
    public const int TransactionalBit = 1 << 4;
    public const int ControlBit = 1 << 5;
    public const int CompressionMask = 7;

    private const byte Magic = 2;
    private const int LengthAt = 8;
    private const int MagicAt = 16;
    private const int CrcAt = 17;
    private const int AttributesAt = 21;
    private const int LastOffsetDeltaAt = 23;
    private const int BaseTimestampAt = 27;
    private const int MaxTimestampAt = 35;
    private const int ProducerIdAt = 43;
    private const int ProducerEpochAt = 51;
    private const int BaseSequenceAt = 53;
    private const int RecordCountAt = 57;

    /// <summary>Reads the head of the one batch that a producer sends to a partition.</summary>
    /// <param name="bytes">All that was sent.</param>
    /// <param name="head">The head.</param>
    /// <returns>What is wrong with the batch.</returns>
    public static BatchFault TryRead(ReadOnlySpan<byte> bytes, out BatchHead head)
    {
        head = default;
        if (bytes.Length < HeadBytes || BinaryPrimitives.ReadInt32BigEndian(bytes[LengthAt..]) != bytes.Length - LengthOverhead)
        {
            return BatchFault.Corrupt;
        }
        if (bytes[MagicAt] != Magic)
        {
            return BatchFault.OldFormat;
        }
        if (Checksum(bytes) != BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcAt..]))
        {
            return BatchFault.Corrupt;
        }
        head = new BatchHead(
            BinaryPrimitives.ReadInt16BigEndian(bytes[AttributesAt..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[RecordCountAt..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[BaseTimestampAt..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[MaxTimestampAt..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[ProducerIdAt..]),
            BinaryPrimitives.ReadInt16BigEndian(bytes[ProducerEpochAt..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[BaseSequenceAt..]));
        bool isWhole = head.RecordCount > 0 && BinaryPrimitives.ReadInt32BigEndian(bytes[LastOffsetDeltaAt..]) == head.RecordCount - 1;
        return isWhole && !head.IsControl ? BatchFault.None : BatchFault.Invalid;
    }

    /// <summary>Writes where a batch lies; its checksum does not cover that.</summary>
    public static void SetOffset(Span<byte> bytes, long offset) => BinaryPrimitives.WriteInt64BigEndian(bytes, offset);

    /// <summary>Gives all records of a batch the time of its append.</summary>
    public static void SetAppendTime(Span<byte> bytes, long timestamp)
    {
        var attributes = bytes[AttributesAt..];
        BinaryPrimitives.WriteInt16BigEndian(attributes, (short)(BinaryPrimitives.ReadInt16BigEndian(attributes) | TimestampTypeBit));
        BinaryPrimitives.WriteInt64BigEndian(bytes[MaxTimestampAt..], timestamp);
        Seal(bytes);
    }

    /// <summary>Makes the batch that ends a transaction in a partition: one control record, which says how.</summary>
    public static byte[] EndMarker(long producerId, short producerEpoch, bool isCommit, long timestamp)
    {
        // Lengths are zigzag: 16 bytes of record, attributes and deltas 0, 4 bytes of key (version 0, type), 6 of value (version 0, coordinator epoch 0), no headers.
        ReadOnlySpan<byte> record = [32, 0, 0, 0, 8, 0, 0, 0, isCommit ? (byte)1 : (byte)0, 12, 0, 0, 0, 0, 0, 0, 0];
        byte[] bytes = new byte[HeadBytes + record.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(LengthAt), bytes.Length - LengthOverhead);
        bytes[MagicAt] = Magic;
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(AttributesAt), TransactionalBit | ControlBit);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(BaseTimestampAt), timestamp);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(MaxTimestampAt), timestamp);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(ProducerIdAt), producerId);
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(ProducerEpochAt), producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(BaseSequenceAt), -1);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(RecordCountAt), 1);
        record.CopyTo(bytes.AsSpan(HeadBytes));
        Seal(bytes);
        return bytes;
    }

    private static void Seal(Span<byte> bytes) => BinaryPrimitives.WriteUInt32BigEndian(bytes[CrcAt..], Checksum(bytes));

    /// <summary>CRC-32C of what follows the checksum.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        var rest = bytes[AttributesAt..];
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(rest))
        {
            crc = BitOperations.Crc32C(crc, word);
        }
        foreach (byte last in rest[(rest.Length & ~7)..])
        {
            crc = BitOperations.Crc32C(crc, last);
        }
        return ~crc;
    }
}

/// <summary>What a batch says of itself.</summary>
internal readonly record struct BatchHead(short Attributes, int RecordCount, long BaseTimestamp, long MaxTimestamp, long ProducerId, short ProducerEpoch, int BaseSequence)
{
    public bool IsTransactional => (Attributes & RecordBatch.TransactionalBit) != 0;

    public bool IsControl => (Attributes & RecordBatch.ControlBit) != 0;

    public bool IsCompressed => (Attributes & RecordBatch.CompressionMask) != 0;

    public bool HasProducer => ProducerId >= 0;

    // Sequences are 31 bits, and begin again at 0.
    public int LastSequence => (int)((BaseSequence + (long)RecordCount - 1) & int.MaxValue);
}

/// <summary>Why a batch is refused.</summary>
internal enum BatchFault
{
    None,

    /// <summary>Length or checksum is wrong.</summary>
    Corrupt,

    /// <summary>Of message format 0 or 1.</summary>
    OldFormat,

    /// <summary>Its counts contradict each other, or a client sends what only brokers write.</summary>
    Invalid,
}
