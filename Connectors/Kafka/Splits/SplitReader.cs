using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weir.Connectors.Kafka.Aside;
using Weir.Connectors.Kafka.Native;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Reads some partitions for one subtask, message by message in place: nothing is copied, nothing allocated.</summary>
/// <remarks>
/// Thread: the one that steps the subtask; the client is made and destroyed on a thread of its own, since both block. Owns: the native messages it took and
/// could not emit yet, in order; each is destroyed as soon as it was emitted. Holds: after <see cref="PollResult.Idle"/> the next event wakes the subtask:
/// <c>_asleep</c> is set before the queue is looked at once more, and the client calls back whenever its empty queue gets something.
/// </remarks>
internal sealed unsafe class SplitReader<T> : ISplitReader<T>, IQueueListener
{
    /// <summary>Messages taken from the client's queue in one call.</summary>
    private const int TakeMax = 1000;

    private const int ConnectTimeoutMs = 5000;
    private const int BoundsTimeoutMs = 5000;

    private readonly LogSource<T> _source;
    private readonly bool _bounded;
    private readonly Action _wake;
    private readonly BrokerNews _news;
    private readonly PartitionCursors _cursors;
    private readonly TopicHandles _topics;
    private readonly NativeHeaders _headers = new();
    private readonly UndecodableRecords _undecodable;
    private readonly LossRule _losses;
    private readonly NativeMessage** _taken;
    private readonly GCHandle _self;
    private readonly Task _opened;
    private readonly Lock _asking = new();
    private KafkaConsumer? _consumer;
    private JobException? _failure;
    private Gap? _gap;
    private Task? _closed;
    private int _next;
    private int _count;
    private int _asleep;

    public SplitReader(LogSource<T> source, SourceTopics topics, int subtask, IReadOnlyList<SplitPosition> splits, KafkaClients clients, Action wake)
    {
        _source = source;
        _bounded = topics.IsBounded;
        _undecodable = topics.Undecodable();
        _losses = topics.Losses();
        _wake = wake;
        _news = new BrokerNews(source.Name, topics.Names, clients.Logger);
        _cursors = topics.CursorsOf(splits);
        _topics = new TopicHandles(_cursors);
        _taken = (NativeMessage**)NativeMemory.Alloc(TakeMax, (nuint)sizeof(NativeMessage*));
        _self = GCHandle.Alloc(this);
        var places = _cursors.Unfinished();
        _opened = places.Count == 0
            ? Task.CompletedTask
            : Task.Factory.StartNew(() => Open(clients, subtask, places), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Completes when the client is gone; after <see cref="Dispose"/>.</summary>
    public Task Closed => _closed ?? Task.CompletedTask;

    public long? Lag
    {
        get
        {
            // The client is not destroyed meanwhile.
            lock (_asking)
            {
                return _closed is null && Volatile.Read(ref _consumer) is { } consumer ? _cursors.Lag(consumer) : null;
            }
        }
    }

    public PollResult Poll(SourceOutput<T> output, int limit)
    {
        if (_cursors.AllFinished)
        {
            return _bounded ? PollResult.Finished : PollResult.Idle;
        }
        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw failure;
        }
        if (Interlocked.Exchange(ref _gap, null) is { } gap)
        {
            Cross(gap, output);
        }
        var consumer = Volatile.Read(ref _consumer);
        if (consumer is null)
        {
            return PollResult.Idle;      // it wakes us when it is open
        }
        int left = limit;
        while (left > 0)
        {
            if (_next == _count && !Take(consumer))
            {
                return PollResult.Idle;
            }
            while (_next < _count && left > 0)
            {
                if (!output.MayEmit)
                {
                    return PollResult.More;
                }
                var message = _taken[_next];
                bool goesOn = true;
                if (message->Error != 0)
                {
                    goesOn = Handle(consumer, message);
                }
                else if (Emit(consumer, message, output))
                {
                    left--;
                }
                Librdkafka.rd_kafka_message_destroy(message);
                _next++;
                if (!goesOn)
                {
                    return PollResult.Idle;
                }
                if (_cursors.AllFinished)
                {
                    return PollResult.Finished;
                }
            }
        }
        return PollResult.More;
    }

    public void AddPositions(ICollection<SplitPosition> positions)
    {
        // With nothing in hand the client's own position counts: it passes transaction markers, which are never emitted.
        var consumer = _next == _count ? Volatile.Read(ref _consumer) : null;
        _cursors.AddPositions(positions, consumer);
    }

    public void Dispose()
    {
        lock (_asking)
        {
            _closed ??= Task.Factory.StartNew(Close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    void IQueueListener.QueueHasSome()
    {
        if (Interlocked.Exchange(ref _asleep, 0) == 1)
        {
            _wake();
        }
    }

    private bool Emit(KafkaConsumer consumer, NativeMessage* message, SourceOutput<T> output)
    {
        ref var cursor = ref Cursor(message);
        if (message->Offset >= cursor.StopAt)
        {
            Finish(consumer, ref cursor);
            return false;
        }
        int timestampType;
        long timestamp = Librdkafka.rd_kafka_message_timestamp(message, &timestampType);
        int epoch = Librdkafka.rd_kafka_message_leader_epoch(message);
        _headers.Message = message;
        var value = new ReadOnlySpan<byte>(message->Value, (int)message->ValueLength);
        var read = new Message
        {
            Key = new ReadOnlySpan<byte>(message->Key, (int)message->KeyLength),
            Value = value,
            HasKey = message->Key is not null,
            HasValue = message->Value is not null,
            Topic = cursor.Topic,
            Partition = message->Partition,
            Offset = message->Offset,
            Timestamp = timestamp,
            TimestampType = (MessageTimestamp)timestampType,      // the same numbers
            LeaderEpoch = epoch >= 0 ? epoch : null,
            Headers = _headers,
        };
        if (_undecodable.TryDecode(_source.Messages, in read, out var record, out var aside))
        {
            output.Emit(in record, value, read.Timestamp, cursor.Split);
        }
        else if (aside is not null)
        {
            output.Emit(KafkaSideOutputs.Undecodable, in aside, read.Timestamp);
        }
        cursor.Pass(message->Offset, (int)(message->KeyLength + message->ValueLength));
        if (cursor.Position >= cursor.StopAt)
        {
            Finish(consumer, ref cursor);
        }
        _news.Served();
        return true;
    }

    private ref PartitionCursors.Cursor Cursor(NativeMessage* message) => ref _cursors.Of(_topics.IndexOf(message->Topic), message->Partition);

    private bool Take(KafkaConsumer consumer)
    {
        if (TakeNow(consumer))
        {
            return true;
        }
        Interlocked.Exchange(ref _asleep, 1);
        if (TakeNow(consumer))
        {
            Volatile.Write(ref _asleep, 0);
            return true;
        }
        return false;
    }

    private bool TakeNow(KafkaConsumer consumer)
    {
        _next = 0;
        _count = Math.Max(0, (int)Librdkafka.rd_kafka_consume_batch_queue(consumer.Queue, 0, _taken, TakeMax));
        return _news.Refused is null ? _count > 0 : throw _news.Refused;
    }

    /// <summary>Acts on what is no record; false when the reader waits to be told what is lost.</summary>
    private bool Handle(KafkaConsumer consumer, NativeMessage* message)
    {
        var error = new KafkaError(message->Error, Marshal.PtrToStringUTF8((nint)Librdkafka.rd_kafka_message_errstr(message)) ?? "");
        switch (error.Fault)
        {
            case KafkaFault.EndOfPartition:
                ref var ended = ref Cursor(message);
                if (message->Offset >= ended.StopAt)
                {
                    Finish(consumer, ref ended);
                }
                return true;
            case KafkaFault.Unreachable or KafkaFault.Retriable:
                _news.Miss(error.Text);
                return true;
            case KafkaFault.OffsetGone:
                LookForGap(consumer, in Cursor(message), error);
                return false;
            default:
                throw KafkaFaults.Failure(error, $"Source {_source.Name} can't read {_cursors.Names}");
        }
    }

    // What is lost is the broker's to say; the question blocks, so it is asked elsewhere, and the next poll acts on it.
    private void LookForGap(KafkaConsumer consumer, in PartitionCursors.Cursor cursor, KafkaError error)
    {
        var (topic, partition, position) = (cursor.Topic, cursor.Partition, cursor.Position);
        Volatile.Write(ref _consumer, null);
        _losing = (consumer, Task.Factory.StartNew(
            () =>
            {
                var asked = consumer.Bounds(topic, partition, BoundsTimeoutMs, out long start, out long end);
                if (asked.IsNone && _losses.GoesOn)
                {
                    Volatile.Write(ref _gap, new Gap(topic, partition, position, start, end));
                }
                else
                {
                    Volatile.Write(ref _failure, asked.IsNone && start > position
                        ? StartOffsets.Lost(_source.Name, new Gap(topic, partition, position, start, end))
                        : KafkaFaults.Failure(_losses.GoesOn ? asked : error, $"Source {_source.Name}: record {position:N0} of {topic}-{partition} is not in the log"));
                }
                _wake();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    private (KafkaConsumer Consumer, Task Asked)? _losing;

    private void Cross(Gap gap, SourceOutput<T> output)
    {
        var consumer = _losing!.Value.Consumer;
        ref var cursor = ref _cursors.Of(_cursors.TopicIndex(gap.Topic), gap.Partition);
        if (gap.IsOpen)
        {
            var lost = _losses.Cross(gap);
            if (lost.Count > 0 && output.IsRead(KafkaSideOutputs.Lost))
            {
                output.Emit(KafkaSideOutputs.Lost, in lost);
            }
            cursor.Position = lost.Before;
        }
        if (cursor.Position >= cursor.StopAt)
        {
            Finish(consumer, ref cursor);
        }
        else if (consumer.Move(gap.Topic, gap.Partition, cursor.Position) is { IsNone: false } error)
        {
            throw KafkaFaults.Failure(error, $"Source {_source.Name} can't go on in {gap.Split}");
        }
        _losing = null;
        Volatile.Write(ref _consumer, consumer);
    }

    private void Finish(KafkaConsumer consumer, ref PartitionCursors.Cursor cursor)
    {
        if (_cursors.Finish(ref cursor))
        {
            consumer.Pause(cursor.Topic, cursor.Partition);
        }
    }

    private void Open(KafkaClients clients, int subtask, IReadOnlyList<TopicOffset> places)
    {
        try
        {
            var consumer = clients.SplitReader(_source.Name, subtask, _bounded, _news.Hear);
            Librdkafka.rd_kafka_queue_cb_event_enable(consumer.Queue, &QueueListener.OnEvent, GCHandle.ToIntPtr(_self));
            // Without an answer the assignment goes out all the same: the client keeps looking for brokers.
            foreach (string topic in _cursors.Topics)
            {
                consumer.Connect(topic, ConnectTimeoutMs);
            }
            var error = consumer.Assign(places);
            if (!error.IsNone)
            {
                Volatile.Write(ref _failure, KafkaFaults.Failure(error, $"Source {_source.Name} can't be assigned partitions of {_cursors.Names}"));
            }
            Volatile.Write(ref _consumer, consumer);
        }
        catch (JobException failure)
        {
            Volatile.Write(ref _failure, failure);
        }
        _wake();
    }

    private void Close()
    {
        _opened.Wait();
        _losing?.Asked.Wait();
        for (; _next < _count; _next++)
        {
            Librdkafka.rd_kafka_message_destroy(_taken[_next]);
        }
        if ((_consumer ?? _losing?.Consumer) is { } consumer)
        {
            Librdkafka.rd_kafka_queue_cb_event_enable(consumer.Queue, null, 0);
            consumer.Dispose();
        }
        _self.Free();
        NativeMemory.Free(_taken);
    }
}

/// <summary>Who is told that a client's empty queue got something.</summary>
internal interface IQueueListener
{
    /// <summary>From one of the client's threads, which holds the queue's lock: must not call the client.</summary>
    void QueueHasSome();
}

/// <summary>The native callback, which may not belong to a generic type.</summary>
internal static class QueueListener
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void OnEvent(nint client, nint opaque) => ((IQueueListener)GCHandle.FromIntPtr(opaque).Target!).QueueHasSome();
}
