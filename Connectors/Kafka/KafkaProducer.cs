using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Weir.Connectors.Kafka.Native;
using Weir.Connectors.Kafka.Sink;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>One native producer: its transaction calls, its topics, and what became of the records it was given.</summary>
/// <remarks>
/// Thread: records may be produced by several; transaction calls block and come from one committer thread. Holds: once <see cref="Failure"/> is set, it
/// stays, and nothing this producer was given may be committed. Delivery reports come for refused records only, as events, and are served here.
/// </remarks>
internal sealed unsafe class KafkaProducer : IDisposable
{
    private const int FieldsBesideHeaders = 6;

    private readonly KafkaHandle _handle;
    private readonly BrokerPatience _patience;
    private readonly Action<JobException> _failed;
    private readonly Action<JobException> _noted;
    private readonly nint _events;
    private readonly GCHandle _self;
    private readonly Lock _serving = new();
    private readonly Dictionary<string, ProducerTopic> _topics = new(StringComparer.Ordinal);
    private readonly TopicLimits _limits;
    private readonly TimeProvider _time;
    private JobException? _failure;
    private long _callingSince;
    private long _usedSince;
    private long _produced;
    private bool _disposed;

    public KafkaProducer(IReadOnlyDictionary<string, string> settings, TopicLimits limits, BrokerPatience patience, TimeProvider time, ILogger logger, Action<JobException> failed, Action<JobException> noted)
    {
        _limits = limits;
        _patience = patience;
        _time = time;
        _failed = failed;
        _noted = noted;
        MessageBytesMax = KafkaSettings.MessageBytesMax(settings);
        BatchBytes = KafkaSettings.BatchBytes(settings);
        _handle = new KafkaHandle(NativeConstant.Producer, settings, NativeEvent.DeliveryReport | NativeEvent.Error, logger);
        _events = Librdkafka.rd_kafka_queue_get_main(_handle.Client);
        _self = GCHandle.Alloc(this);
        Librdkafka.rd_kafka_queue_cb_event_enable(_events, &OnEvents, GCHandle.ToIntPtr(_self));
    }

    /// <summary>The client's own limit for one record.</summary>
    public long MessageBytesMax { get; }

    /// <summary>The client's own limit for one batch of several records.</summary>
    public long BatchBytes { get; }

    /// <summary>Why nothing of this producer may be committed any more; null while all is well.</summary>
    public JobException? Failure => Volatile.Read(ref _failure);

    /// <summary>Records that the client took since it was made.</summary>
    public long Produced => Volatile.Read(ref _produced);

    /// <summary>How long the open transaction has been in use: from just before its first record on, since the broker's clock starts then, and not when it begins.</summary>
    public TimeSpan TransactionAge => Volatile.Read(ref _usedSince) is 0 ? TimeSpan.Zero : _time.GetElapsedTime(_usedSince);

    /// <summary>Records and events that are not acknowledged yet.</summary>
    public int Outstanding => Librdkafka.rd_kafka_outq_len(_handle.Client);

    /// <summary>Connects, so that the calls that follow find the brokers known.</summary>
    public KafkaError Connect(int timeoutMs) => _handle.AskMetadata(0, timeoutMs, out _);

    /// <summary>The cluster's id.</summary>
    public string? ClusterId(int timeoutMs)
    {
        byte* id = Librdkafka.rd_kafka_clusterid(_handle.Client, timeoutMs);
        if (id is null)
        {
            return null;
        }
        string? text = Marshal.PtrToStringUTF8((nint)id);
        Librdkafka.rd_kafka_mem_free(_handle.Client, id);
        return text;
    }

    /// <summary>Makes a topic's handle, or finds it; its metadata is there before the first record is produced, else the record would join no partition.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="timeoutMs">How long it may take.</param>
    /// <param name="topic">The handle; to be used where there is no error.</param>
    /// <param name="isCompressed">Whether its records are compressed as the client's are by default; of one small record at a time a batch only grows.</param>
    public KafkaError OpenTopic(string name, int timeoutMs, out ProducerTopic topic, bool isCompressed = true)
    {
        lock (_topics)
        {
            if (!_topics.TryGetValue(name, out topic!))
            {
                fixed (byte* zeroed = KafkaHandle.Zeroed(name))
                {
                    topic = new ProducerTopic(this, name, Librdkafka.rd_kafka_topic_new(_handle.Client, zeroed, isCompressed ? 0 : Uncompressed()));
                }
                _topics.Add(name, topic);
            }
        }
        if (topic.Partitions > 0)
        {
            return default;
        }
        var error = _handle.AskMetadata(topic.Handle, timeoutMs, out int partitions);
        topic.Partitions = error.IsNone ? partitions : 0;
        return error;
    }

    // Owned by the topic that is made with it.
    private static nint Uncompressed()
    {
        nint conf = Librdkafka.rd_kafka_topic_conf_new();
        fixed (byte* key = "compression.codec\0"u8, value = "none\0"u8)
        {
            _ = Librdkafka.rd_kafka_topic_conf_set(conf, key, value, null, 0);
        }
        return conf;
    }

    /// <summary>The topic, which was opened before.</summary>
    public ProducerTopic Topic(string name)
    {
        lock (_topics)
        {
            return _topics[name];
        }
    }

    /// <summary>How long the call that blocks now has done so; zero while none does. Any thread. It may be far longer than the call's own time-out: docs/exactly-once.md.</summary>
    public TimeSpan CallingFor => Volatile.Read(ref _callingSince) is var since and not 0 ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    public KafkaError Init(int timeoutMs) => Call(() => Librdkafka.rd_kafka_init_transactions(_handle.Client, timeoutMs));

    public KafkaError Begin()
    {
        Volatile.Write(ref _usedSince, 0);
        return KafkaError.Take(Librdkafka.rd_kafka_begin_transaction(_handle.Client));
    }

    /// <summary>Gives records of one partition to the client, which copies them.</summary>
    /// <returns>How many it took: fewer than given when its queue is full.</returns>
    /// <exception cref="JobException">It refused one for good.</exception>
    public int Produce(ProducerTopic topic, int partition, NativeMessage* messages, int count)
    {
        NoteUse();
        if (Failure is { } failure)
        {
            throw failure;
        }
        int taken = Librdkafka.rd_kafka_produce_batch(topic.Handle, partition, NativeConstant.CopyMessages, messages, count);
        Interlocked.Add(ref _produced, taken);
        if (taken == count)
        {
            return taken;
        }
        // The client stops at a full queue, but goes on behind a record that it refuses; so the first error decides.
        int refused = 0;
        while (messages[refused].Error == 0)
        {
            refused++;
        }
        ref var message = ref messages[refused];
        var error = Reason(KafkaError.Of(message.Error));
        return error.Fault == KafkaFault.QueueFull
            ? refused
            : throw Note(Refusal(error, topic.Name, partition, (long)(message.KeyLength + message.ValueLength)));
    }

    /// <summary>Gives one record with headers or a time of its own to the client, which copies it.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="message">Key and value.</param>
    /// <param name="headers">As <see cref="Sink.StagedHeaders"/> wrote them.</param>
    /// <param name="timestamp">In ms since 1970; <see cref="RecordContext.NoTimestamp"/> for now.</param>
    /// <returns>Whether it was taken: false when the client's queue is full.</returns>
    /// <exception cref="JobException">It was refused for good.</exception>
    public bool Produce(ProducerTopic topic, int partition, NativeMessage* message, ReadOnlySpan<byte> headers, long timestamp)
    {
        NoteUse();
        if (Failure is { } failure)
        {
            throw failure;
        }
        var fields = ArrayPool<NativeField>.Shared.Rent(FieldsBesideHeaders + StagedHeaders.Count(headers));
        KafkaError error;
        fixed (NativeField* first = fields)
        fixed (byte* at = headers)
        {
            int count = 0;
            first[count++] = new NativeField { Type = NativeField.TopicType, Pointer = topic.Handle };
            first[count++] = new NativeField { Type = NativeField.PartitionType, Int = partition };
            first[count++] = new NativeField { Type = NativeField.FlagsType, Int = NativeConstant.CopyMessages };
            first[count++] = new NativeField { Type = NativeField.KeyType, Pointer = (nint)message->Key, Size = message->KeyLength };
            first[count++] = new NativeField { Type = NativeField.ValueType, Pointer = (nint)message->Value, Size = message->ValueLength };
            if (timestamp != RecordContext.NoTimestamp)
            {
                first[count++] = new NativeField { Type = NativeField.TimestampType, Long = timestamp };
            }
            for (int next = 0; next < headers.Length; next += StagedHeaders.Length(headers[next..]))
            {
                var header = headers[next..];
                int length = StagedHeaders.ValueLength(header);
                first[count++] = new NativeField
                {
                    Type = NativeField.HeaderType,
                    Pointer = (nint)(at + next + StagedHeaders.NameStart),
                    HeaderValue = length < 0 ? null : at + next + StagedHeaders.ValueStart(header),
                    HeaderValueSize = Math.Max(0, length),
                };
            }
            error = KafkaError.Take(Librdkafka.rd_kafka_produceva(_handle.Client, first, (nuint)count));
        }
        ArrayPool<NativeField>.Shared.Return(fields);
        if (error.IsNone)
        {
            Interlocked.Increment(ref _produced);
            return true;
        }
        error = Reason(error);
        return error.Fault == KafkaFault.QueueFull
            ? false
            : throw Note(Refusal(error, topic.Name, partition, (long)(message->KeyLength + message->ValueLength)));
    }

    private void NoteUse()
    {
        if (Volatile.Read(ref _usedSince) == 0)
        {
            Interlocked.CompareExchange(ref _usedSince, _time.GetTimestamp(), 0);
        }
    }

    /// <summary>Waits until all is acknowledged or refused, at most so long; says how much is left.</summary>
    public int Flush(int timeoutMs) => Librdkafka.rd_kafka_flush(_handle.Client, timeoutMs) == 0 ? 0 : Math.Max(1, Outstanding);

    public KafkaError SendOffsets(string group, IReadOnlyList<TopicOffset> offsets, int timeoutMs)
    {
        NoteUse();
        var list = Librdkafka.rd_kafka_topic_partition_list_new(offsets.Count);
        foreach (var offset in offsets)
        {
            fixed (byte* topic = KafkaHandle.Zeroed(offset.Topic))
            {
                Librdkafka.rd_kafka_topic_partition_list_add(list, topic, offset.Partition)->Offset = offset.Offset;
            }
        }
        nint metadata;
        fixed (byte* name = KafkaHandle.Zeroed(group))
        {
            metadata = Librdkafka.rd_kafka_consumer_group_metadata_new(name);
        }
        var error = Call(() => Librdkafka.rd_kafka_send_offsets_to_transaction(_handle.Client, list, metadata, timeoutMs));
        Librdkafka.rd_kafka_consumer_group_metadata_destroy(metadata);
        Librdkafka.rd_kafka_topic_partition_list_destroy(list);
        return error;
    }

    public KafkaError Commit(int timeoutMs) => Call(() => Librdkafka.rd_kafka_commit_transaction(_handle.Client, timeoutMs));

    public KafkaError Abort(int timeoutMs) => Call(() => Librdkafka.rd_kafka_abort_transaction(_handle.Client, timeoutMs));

    private KafkaError Call(Func<nint> native)
    {
        Volatile.Write(ref _callingSince, _time.GetTimestamp());
        try
        {
            return KafkaError.Take(native());
        }
        finally
        {
            Volatile.Write(ref _callingSince, 0);
        }
    }

    /// <summary>Notes why nothing of this producer may be committed any more; the first reason stays.</summary>
    private JobException Note(JobException failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is { } first)
        {
            return first;
        }
        _noted(failure);
        return failure;
    }

    /// <summary>The same for what comes outside of any call: the attempt is told.</summary>
    private void Fail(JobException failure)
    {
        if (ReferenceEquals(Note(failure), failure))
        {
            _failed(failure);
        }
    }

    /// <summary>The error behind a code that only says "fatal".</summary>
    public KafkaError Reason(KafkaError error) => error.IsFatal || KafkaFaults.HidesFatal(error.Code) ? _handle.FatalError() is { IsNone: false } fatal ? fatal : error : error;

    public void Dispose()
    {
        lock (_serving)
        {
            if (_disposed)
            {
                return;
            }
            _disposed = true;
        }
        Librdkafka.rd_kafka_queue_cb_event_enable(_events, null, 0);
        _ = Librdkafka.rd_kafka_purge(_handle.Client, NativeConstant.PurgeAll);
        Librdkafka.rd_kafka_queue_destroy(_events);
        foreach (var topic in _topics.Values)
        {
            Librdkafka.rd_kafka_topic_destroy(topic.Handle);
        }
        _handle.Dispose();
        _self.Free();
    }

    // On one of the client's threads, which holds the queue's lock: the queue is served elsewhere.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnEvents(nint client, nint opaque)
    {
        var producer = (KafkaProducer)GCHandle.FromIntPtr(opaque).Target!;
        ThreadPool.UnsafeQueueUserWorkItem(static producer => producer.Serve(), producer, preferLocal: false);
    }

    private void Serve()
    {
        lock (_serving)
        {
            nint ev;
            while (!_disposed && (ev = Librdkafka.rd_kafka_queue_poll(_events, 0)) != 0)
            {
                switch (Librdkafka.rd_kafka_event_type(ev))
                {
                    case NativeEvent.DeliveryReport:
                        ReadRefusals(ev);
                        break;
                    case NativeEvent.Error:
                        ReadError(KafkaError.Reported(ev));
                        break;
                }
                Librdkafka.rd_kafka_event_destroy(ev);
            }
        }
    }

    private void ReadRefusals(nint ev)
    {
        for (var message = Librdkafka.rd_kafka_event_message_next(ev); message is not null; message = Librdkafka.rd_kafka_event_message_next(ev))
        {
            if (message->Error != 0)
            {
                string topic = Marshal.PtrToStringUTF8((nint)Librdkafka.rd_kafka_topic_name(message->Topic)) ?? "?";
                Fail(Refusal(Reason(KafkaError.Of(message->Error)), topic, message->Partition, (long)(message->KeyLength + message->ValueLength), byBroker: true));
            }
        }
    }

    private void ReadError(KafkaError reported)
    {
        var error = Reason(reported);
        if (error.IsFatal)
        {
            Fail(KafkaFaults.Failure(error, $"Producer {_handle.Id} ended"));
            return;
        }
        _patience.Hear(error);
    }

    /// <summary>The failure that a refused record is.</summary>
    public JobException Refusal(KafkaError error, string topic, int partition, long bytes, bool byBroker = false) => error.Fault == KafkaFault.TooLarge
        ? new JobException(JobFailure.Permanent, byBroker
            ? $"A record of {bytes:N0} bytes for {topic}-{partition} is larger than the broker takes: the topic's {TopicLimits.Setting} is {_limits.Of(topic)?.ToString("N0", null) ?? "not known"}."
            : $"A record of {bytes:N0} bytes for {topic}-{partition} is larger than the client takes: message.max.bytes is {MessageBytesMax:N0}.")
        : KafkaFaults.Failure(error, $"A record for {topic}-{partition} was refused");
}

/// <summary>A topic as one producer knows it.</summary>
/// <param name="producer">Whose it is; the handle dies with it.</param>
/// <param name="name">The topic.</param>
/// <param name="handle"><c>rd_kafka_topic_t*</c>.</param>
internal sealed class ProducerTopic(KafkaProducer producer, string name, nint handle)
{
    public KafkaProducer Producer { get; } = producer;

    public string Name { get; } = name;

    public nint Handle { get; } = handle;

    /// <summary>How many partitions it has; 0 until the brokers said so.</summary>
    public int Partitions { get; internal set; }
}

/// <summary>A place in a topic.</summary>
internal readonly record struct TopicOffset(string Topic, int Partition, long Offset);
