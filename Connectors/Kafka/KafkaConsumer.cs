using Microsoft.Extensions.Logging;
using Weir.Connectors.Kafka.Native;

namespace Weir.Connectors.Kafka;

/// <summary>One native consumer that is given its partitions: no group takes or gives any.</summary>
/// <remarks>Thread: one at a time, but for <see cref="KnownEnd"/>, and the queue's event, which comes from the client.</remarks>
internal sealed unsafe class KafkaConsumer : IDisposable
{
    private readonly KafkaHandle _handle;

    /// <param name="settings">All of them.</param>
    /// <param name="logger">Where its lines go.</param>
    /// <param name="heard">Told what the client says of its brokers, on the thread that takes from <see cref="Queue"/>.</param>
    public KafkaConsumer(IReadOnlyDictionary<string, string> settings, ILogger logger, Action<KafkaError> heard)
    {
        _handle = new KafkaHandle(NativeConstant.Consumer, settings, 0, logger, heard);
        _ = Librdkafka.rd_kafka_poll_set_consumer(_handle.Client);
        Queue = Librdkafka.rd_kafka_queue_get_consumer(_handle.Client);
    }

    /// <summary>Where messages, errors and ends arrive.</summary>
    public nint Queue { get; }

    /// <summary>Asks for a topic's metadata, so that an assignment starts to fetch at once.</summary>
    public KafkaError Connect(string topic, int timeoutMs)
    {
        fixed (byte* name = KafkaHandle.Zeroed(topic))
        {
            nint handle = Librdkafka.rd_kafka_topic_new(_handle.Client, name, 0);
            var error = _handle.AskMetadata(handle, timeoutMs, out _);
            Librdkafka.rd_kafka_topic_destroy(handle);
            return error;
        }
    }

    /// <summary>Reads these, and nothing else, from these offsets on.</summary>
    public KafkaError Assign(IReadOnlyList<TopicOffset> places)
    {
        var list = List(places);
        int code = Librdkafka.rd_kafka_assign(_handle.Client, list);
        Librdkafka.rd_kafka_topic_partition_list_destroy(list);
        return KafkaError.Of(code);
    }

    /// <summary>Fetches a partition no more.</summary>
    public KafkaError Pause(string topic, int partition)
    {
        var list = List([new TopicOffset(topic, partition, 0)]);
        int code = Librdkafka.rd_kafka_pause_partitions(_handle.Client, list);
        Librdkafka.rd_kafka_topic_partition_list_destroy(list);
        return KafkaError.Of(code);
    }

    /// <summary>Where the client stands in a partition, transaction markers and aborted records passed; null where it read nothing yet. No request is made.</summary>
    public long? Position(string topic, int partition)
    {
        var list = List([new TopicOffset(topic, partition, -1001)]);
        int code = Librdkafka.rd_kafka_position(_handle.Client, list);
        long offset = code == 0 && list->Elements[0].Error == 0 ? list->Elements[0].Offset : -1;
        Librdkafka.rd_kafka_topic_partition_list_destroy(list);
        return offset >= 0 ? offset : null;
    }

    /// <summary>The end of a partition as its broker told it last; null before it did. No request is made.</summary>
    public long? KnownEnd(string topic, int partition)
    {
        long low, high;
        fixed (byte* name = KafkaHandle.Zeroed(topic))
        {
            int code = Librdkafka.rd_kafka_get_watermark_offsets(_handle.Client, name, partition, &low, &high);
            return code == 0 && high >= 0 ? high : null;
        }
    }

    /// <summary>Goes on elsewhere in a partition, also in one whose offset was out of range, which a seek would refuse.</summary>
    public KafkaError Move(string topic, int partition, long offset)
    {
        var list = List([new TopicOffset(topic, partition, offset)]);
        var error = KafkaError.Take(Librdkafka.rd_kafka_incremental_unassign(_handle.Client, list));
        if (error.IsNone)
        {
            error = KafkaError.Take(Librdkafka.rd_kafka_incremental_assign(_handle.Client, list));
        }
        Librdkafka.rd_kafka_topic_partition_list_destroy(list);
        return error;
    }

    /// <summary>Asks the broker for the oldest offset of a partition, and the one behind its newest. Blocks.</summary>
    public KafkaError Bounds(string topic, int partition, int timeoutMs, out long start, out long end)
    {
        long low, high;
        fixed (byte* name = KafkaHandle.Zeroed(topic))
        {
            int code = Librdkafka.rd_kafka_query_watermark_offsets(_handle.Client, name, partition, &low, &high, timeoutMs);
            (start, end) = (low, high);
            return KafkaError.Of(code);
        }
    }

    /// <summary>Waits for one message, error or end; null when none came. The caller destroys it.</summary>
    public NativeMessage* Poll(int timeoutMs) => Librdkafka.rd_kafka_consumer_poll(_handle.Client, timeoutMs);

    public void Dispose()
    {
        Librdkafka.rd_kafka_queue_destroy(Queue);
        _handle.Dispose();
    }

    private static NativeTopicPartitionList* List(IReadOnlyList<TopicOffset> places)
    {
        var list = Librdkafka.rd_kafka_topic_partition_list_new(places.Count);
        foreach (var place in places)
        {
            fixed (byte* topic = KafkaHandle.Zeroed(place.Topic))
            {
                Librdkafka.rd_kafka_topic_partition_list_add(list, topic, place.Partition)->Offset = place.Offset;
            }
        }
        return list;
    }
}
