using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Weir.Connectors.Kafka.Native;

/// <summary>librdkafka's C interface, as far as Weir uses it, call by call; no policy lives here.</summary>
/// <remarks>
/// Every signature is blittable, so that a call costs what it costs in C. Strings are UTF-8 with a terminating zero.
/// Calls that return <c>rd_kafka_error_t*</c> are typed nint: zero is success, anything else is the caller's to destroy.
/// </remarks>
internal static unsafe partial class Librdkafka
{
    /// <summary>The name that <see cref="LibrdkafkaLibrary"/> resolves.</summary>
    public const string Name = "librdkafka";

    [LibraryImport(Name)]
    public static partial int rd_kafka_version();

    [LibraryImport(Name)]
    public static partial byte* rd_kafka_version_str();

    [LibraryImport(Name)]
    public static partial byte* rd_kafka_err2str(int code);

    [LibraryImport(Name)]
    public static partial byte* rd_kafka_err2name(int code);

    [LibraryImport(Name)]
    public static partial int rd_kafka_last_error();

    [LibraryImport(Name)]
    public static partial int rd_kafka_error_code(nint error);

    [LibraryImport(Name)]
    public static partial byte* rd_kafka_error_string(nint error);

    [LibraryImport(Name)]
    public static partial int rd_kafka_error_is_fatal(nint error);

    [LibraryImport(Name)]
    public static partial int rd_kafka_error_is_retriable(nint error);

    [LibraryImport(Name)]
    public static partial int rd_kafka_error_txn_requires_abort(nint error);

    [LibraryImport(Name)]
    public static partial void rd_kafka_error_destroy(nint error);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_conf_new();

    [LibraryImport(Name)]
    public static partial void rd_kafka_conf_destroy(nint conf);

    [LibraryImport(Name)]
    public static partial int rd_kafka_conf_set(nint conf, byte* name, byte* value, byte* errorText, nuint errorTextSize);

    [LibraryImport(Name)]
    public static partial void rd_kafka_conf_set_events(nint conf, int events);

    [LibraryImport(Name)]
    public static partial void rd_kafka_conf_set_opaque(nint conf, nint opaque);

    [LibraryImport(Name)]
    public static partial void rd_kafka_conf_set_log_cb(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> callback);

    [LibraryImport(Name)]
    public static partial void rd_kafka_conf_set_error_cb(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, nint, void> callback);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_new(int type, nint conf, byte* errorText, nuint errorTextSize);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_opaque(nint client);

    [LibraryImport(Name)]
    public static partial void rd_kafka_destroy_flags(nint client, int flags);

    [LibraryImport(Name)]
    public static partial byte* rd_kafka_clusterid(nint client, int timeoutMs);

    [LibraryImport(Name)]
    public static partial void rd_kafka_mem_free(nint client, void* memory);

    [LibraryImport(Name)]
    public static partial int rd_kafka_metadata(nint client, int allTopics, nint onlyTopic, NativeMetadata** metadata, int timeoutMs);

    [LibraryImport(Name)]
    public static partial void rd_kafka_metadata_destroy(NativeMetadata* metadata);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_topic_conf_new();

    [LibraryImport(Name)]
    public static partial int rd_kafka_topic_conf_set(nint conf, byte* name, byte* value, byte* errorText, nuint errorTextSize);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_topic_new(nint client, byte* name, nint conf);

    [LibraryImport(Name)]
    public static partial void rd_kafka_topic_destroy(nint topic);

    [LibraryImport(Name)]
    public static partial byte* rd_kafka_topic_name(nint topic);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_queue_get_main(nint client);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_queue_get_consumer(nint client);

    [LibraryImport(Name)]
    public static partial void rd_kafka_queue_destroy(nint queue);

    [LibraryImport(Name)]
    public static partial void rd_kafka_queue_cb_event_enable(nint queue, delegate* unmanaged[Cdecl]<nint, nint, void> callback, nint opaque);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_queue_poll(nint queue, int timeoutMs);

    [LibraryImport(Name)]
    public static partial int rd_kafka_event_type(nint ev);

    [LibraryImport(Name)]
    public static partial NativeMessage* rd_kafka_event_message_next(nint ev);

    [LibraryImport(Name)]
    public static partial int rd_kafka_event_error(nint ev);

    [LibraryImport(Name)]
    public static partial byte* rd_kafka_event_error_string(nint ev);

    [LibraryImport(Name)]
    public static partial void rd_kafka_event_destroy(nint ev);

    [LibraryImport(Name)]
    public static partial int rd_kafka_fatal_error(nint client, byte* errorText, nuint errorTextSize);

    [LibraryImport(Name)]
    public static partial NativeTopicPartitionList* rd_kafka_topic_partition_list_new(int size);

    [LibraryImport(Name)]
    public static partial NativeTopicPartition* rd_kafka_topic_partition_list_add(NativeTopicPartitionList* list, byte* topic, int partition);

    [LibraryImport(Name)]
    public static partial void rd_kafka_topic_partition_list_destroy(NativeTopicPartitionList* list);

    [LibraryImport(Name)]
    public static partial int rd_kafka_poll_set_consumer(nint client);

    [LibraryImport(Name)]
    public static partial int rd_kafka_assign(nint client, NativeTopicPartitionList* partitions);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_incremental_assign(nint client, NativeTopicPartitionList* partitions);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_incremental_unassign(nint client, NativeTopicPartitionList* partitions);

    [LibraryImport(Name)]
    public static partial int rd_kafka_pause_partitions(nint client, NativeTopicPartitionList* partitions);

    [LibraryImport(Name)]
    public static partial int rd_kafka_position(nint client, NativeTopicPartitionList* partitions);

    [LibraryImport(Name)]
    public static partial int rd_kafka_get_watermark_offsets(nint client, byte* topic, int partition, long* low, long* high);

    [LibraryImport(Name)]
    public static partial int rd_kafka_query_watermark_offsets(nint client, byte* topic, int partition, long* low, long* high, int timeoutMs);

    [LibraryImport(Name)]
    public static partial NativeMessage* rd_kafka_consumer_poll(nint client, int timeoutMs);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_consume_batch_queue(nint queue, int timeoutMs, NativeMessage** messages, nuint size);

    [LibraryImport(Name)]
    [SuppressGCTransition]
    public static partial long rd_kafka_message_timestamp(NativeMessage* message, int* type);

    [LibraryImport(Name)]
    [SuppressGCTransition]
    public static partial int rd_kafka_message_leader_epoch(NativeMessage* message);

    [LibraryImport(Name)]
    public static partial int rd_kafka_message_headers(NativeMessage* message, nint* headers);

    [LibraryImport(Name)]
    public static partial int rd_kafka_header_get_all(nint headers, nuint index, byte** name, byte** value, nuint* size);

    [LibraryImport(Name)]
    public static partial void rd_kafka_message_destroy(NativeMessage* message);

    [LibraryImport(Name)]
    public static partial byte* rd_kafka_message_errstr(NativeMessage* message);

    [LibraryImport(Name)]
    public static partial int rd_kafka_produce_batch(nint topic, int partition, int flags, NativeMessage* messages, int count);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_produceva(nint client, NativeField* fields, nuint count);

    [LibraryImport(Name)]
    public static partial int rd_kafka_flush(nint client, int timeoutMs);

    [LibraryImport(Name)]
    public static partial int rd_kafka_purge(nint client, int flags);

    [LibraryImport(Name)]
    public static partial int rd_kafka_outq_len(nint client);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_init_transactions(nint client, int timeoutMs);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_begin_transaction(nint client);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_consumer_group_metadata_new(byte* group);

    [LibraryImport(Name)]
    public static partial void rd_kafka_consumer_group_metadata_destroy(nint metadata);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_send_offsets_to_transaction(nint client, NativeTopicPartitionList* offsets, nint groupMetadata, int timeoutMs);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_commit_transaction(nint client, int timeoutMs);

    [LibraryImport(Name)]
    public static partial nint rd_kafka_abort_transaction(nint client, int timeoutMs);
}
