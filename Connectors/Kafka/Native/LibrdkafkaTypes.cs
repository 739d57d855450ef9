using System.Runtime.InteropServices;

namespace Weir.Connectors.Kafka.Native;

/// <summary><c>rd_kafka_message_t</c>: a message that was read, or one to produce.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMessage
{
    public int Error;
    public nint Topic;
    public int Partition;
    public byte* Value;
    public nuint ValueLength;
    public byte* Key;
    public nuint KeyLength;
    public long Offset;
    public nint Private;
}

/// <summary><c>rd_kafka_topic_partition_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTopicPartition
{
    public byte* Topic;
    public int Partition;
    public long Offset;
    public void* Metadata;
    public nuint MetadataLength;
    public void* Opaque;
    public int Error;
    public void* Private;
}

/// <summary><c>rd_kafka_topic_partition_list_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTopicPartitionList
{
    public int Count;
    public int Size;
    public NativeTopicPartition* Elements;
}

/// <summary><c>rd_kafka_metadata_broker_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMetadataBroker
{
    public int Id;
    public byte* Host;
    public int Port;
}

/// <summary><c>rd_kafka_metadata_topic_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMetadataTopic
{
    public byte* Name;
    public int PartitionCount;
    public void* Partitions;
    public int Error;
}

/// <summary><c>rd_kafka_metadata_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMetadata
{
    public int BrokerCount;
    public NativeMetadataBroker* Brokers;
    public int TopicCount;
    public NativeMetadataTopic* Topics;
    public int OriginBroker;
    public byte* OriginName;
}

/// <summary><c>RD_KAFKA_EVENT_*</c>: what a queue may hold, as flags.</summary>
internal static class NativeEvent
{
    public const int DeliveryReport = 0x1;
    public const int Error = 0x8;
}

/// <summary>Constants of the C interface that are neither events nor error codes.</summary>
internal static class NativeConstant
{
    /// <summary><c>RD_KAFKA_PRODUCER</c>.</summary>
    public const int Producer = 0;

    /// <summary><c>RD_KAFKA_CONSUMER</c>.</summary>
    public const int Consumer = 1;

    /// <summary><c>RD_KAFKA_CONF_OK</c>.</summary>
    public const int ConfOk = 0;

    /// <summary><c>RD_KAFKA_MSG_F_COPY</c>: the client copies key and value before the call returns.</summary>
    public const int CopyMessages = 0x2;

    /// <summary><c>RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE</c>: no leave-group, no last commit.</summary>
    public const int DestroyWithoutClose = 0x8;

    /// <summary><c>RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING</c>.</summary>
    public const int PurgeAll = 0x7;

    /// <summary>Bytes for an error text.</summary>
    public const int ErrorTextBytes = 512;
}
