using System.Runtime.InteropServices;

namespace Weir.Connectors.Kafka.Native;

/// <summary><c>rd_kafka_vu_t</c>: one field of a message that is produced by itself.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct NativeField
{
    [FieldOffset(0)]
    public int Type;

    [FieldOffset(8)]
    public nint Pointer;

    [FieldOffset(8)]
    public int Int;

    [FieldOffset(8)]
    public long Long;

    /// <summary>Of key and value; their bytes are at <see cref="Pointer"/>.</summary>
    [FieldOffset(16)]
    public nuint Size;

    /// <summary>Of a header, whose name is at <see cref="Pointer"/>, with a zero byte behind it.</summary>
    [FieldOffset(16)]
    public byte* HeaderValue;

    [FieldOffset(24)]
    public nint HeaderValueSize;

    // RD_KAFKA_VTYPE_*
    public const int TopicType = 2;
    public const int PartitionType = 3;
    public const int ValueType = 4;
    public const int KeyType = 5;
    public const int FlagsType = 7;
    public const int TimestampType = 8;
    public const int HeaderType = 9;
}
