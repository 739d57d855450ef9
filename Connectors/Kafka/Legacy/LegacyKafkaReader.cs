using Confluent.Kafka;
using Weir.Connectors.Kafka.Aside;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Legacy;

/// <summary>Reads some partitions for one subtask with Confluent's consumer, and pushes what it reads.</summary>
/// <remarks>Thread: its own, on which the client is made, asked and closed. Positions move under the hold that emits, so that a checkpoint sees both or neither.</remarks>
internal sealed class LegacyKafkaReader<T>(LogSource<T> source, SourceTopics topics, int subtask, IReadOnlyList<SplitPosition> splits, KafkaClients clients) : ILegacyReader<T>
{
    private static readonly TimeSpan BoundsTimeout = TimeSpan.FromSeconds(5);

    private readonly PartitionCursors _cursors = topics.CursorsOf(splits);
    private readonly UndecodableRecords _undecodable = topics.Undecodable();
    private readonly LossRule _losses = topics.Losses();
    private readonly ConsumedHeaders _headers = new();
    private readonly BrokerNews _news = new(source.Name, topics.Names, clients.Logger);

    public void Run(LegacyContext<T> context, CancellationToken cancellation)
    {
        if (!_cursors.AllFinished)
        {
            Read(context, cancellation);
        }
        if (!topics.IsBounded)
        {
            cancellation.WaitHandle.WaitOne(); // One without partitions is not at its end: others' are not.
        }
    }

    public void AddPositions(ICollection<SplitPosition> positions) => _cursors.AddPositions(positions, null);

    public void Dispose()
    {
        // The client ends with the loop.
    }

    private void Read(LegacyContext<T> context, CancellationToken cancellation)
    {
        using var refused = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var consumer = clients.LegacyReader(source.Name, subtask, topics.IsBounded, error =>
        {
            _news.Hear(error);
            if (_news.Refused is not null)
            {
                refused.Cancel(); // Confluent's consumer keeps what is thrown here to itself.
            }
        });
        consumer.Assign(_cursors.Unfinished().Select(place => new TopicPartitionOffset(place.Topic, place.Partition, place.Offset)));
        try
        {
            while (!_cursors.AllFinished && !cancellation.IsCancellationRequested)
            {
                if (TryConsume(consumer, context, refused.Token) is { } found)
                {
                    Push(consumer, found, context);
                }
            }
        }
        catch (OperationCanceledException) when (_news.Refused is { } refusal)
        {
            throw refusal;
        }
        finally
        {
            consumer.Close();
        }
    }

    /// <summary>The next record, or the end of a partition; null where the client goes on by itself.</summary>
    private ConsumeResult<byte[], byte[]>? TryConsume(IConsumer<byte[], byte[]> consumer, LegacyContext<T> context, CancellationToken cancellation)
    {
        try
        {
            return consumer.Consume(cancellation);
        }
        catch (ConsumeException failure)
        {
            var error = new KafkaError((int)failure.Error.Code, failure.Error.Reason, failure.Error.IsFatal);
            switch (error.Fault)
            {
                case KafkaFault.Unreachable or KafkaFault.Retriable:
                    _news.Miss(error.Text);
                    return null;
                case KafkaFault.OffsetGone:
                    Cross(consumer, failure.ConsumerRecord.TopicPartition, error, context);
                    return null;
                default:
                    throw KafkaFaults.Failure(error, $"Source {source.Name} can't read {_cursors.Names}");
            }
        }
    }

    private void Push(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> found, LegacyContext<T> context)
    {
        using var hold = context.Hold();
        ref var cursor = ref _cursors.Of(_cursors.TopicIndex(found.Topic), found.Partition);
        if (!found.IsPartitionEOF && found.Offset < cursor.StopAt)
        {
            Emit(found, cursor.Split, hold);
            cursor.Pass(found.Offset, (found.Message.Key?.Length ?? 0) + (found.Message.Value?.Length ?? 0));
        }
        // The end of the log lies behind transaction markers, which are never emitted.
        long passed = found.IsPartitionEOF ? found.Offset : cursor.Position;
        if ((passed >= cursor.StopAt || found.Offset >= cursor.StopAt) && _cursors.Finish(ref cursor))
        {
            consumer.Pause([found.TopicPartition]);
        }
    }

    private void Emit(ConsumeResult<byte[], byte[]> found, int split, LegacyHold<T> hold)
    {
        var message = found.Message;
        _headers.Headers = message.Headers;
        var read = new Weir.Message
        {
            Key = message.Key,
            Value = message.Value,
            HasKey = message.Key is not null,
            HasValue = message.Value is not null,
            Topic = found.Topic,
            Partition = found.Partition,
            Offset = found.Offset,
            Timestamp = message.Timestamp.UnixTimestampMs,
            TimestampType = (MessageTimestamp)message.Timestamp.Type,      // the same numbers
            LeaderEpoch = found.LeaderEpoch,
            Headers = _headers,
        };
        if (_undecodable.TryDecode(source.Messages, in read, out var record, out var aside))
        {
            hold.Emit(in record, message.Value, read.Timestamp, split);
        }
        else if (aside is not null)
        {
            hold.Emit(KafkaSideOutputs.Undecodable, in aside, read.Timestamp);
        }
        _news.Served();
    }

    /// <exception cref="JobException">The job is not to go on, or nobody says where.</exception>
    private void Cross(IConsumer<byte[], byte[]> consumer, TopicPartition place, KafkaError error, LegacyContext<T> context)
    {
        ref var cursor = ref _cursors.Of(_cursors.TopicIndex(place.Topic), place.Partition);
        var gap = FindGap(consumer, place, cursor.Position, error);
        if (!_losses.GoesOn)
        {
            throw gap.Start > gap.Position
                ? StartOffsets.Lost(source.Name, gap)
                : KafkaFaults.Failure(error, $"Source {source.Name}: record {gap.Position:N0} of {gap.Split} is not in the log");
        }
        using var hold = context.Hold();
        if (gap.IsOpen)
        {
            var lost = _losses.Cross(gap);
            if (lost.Count > 0 && hold.IsRead(KafkaSideOutputs.Lost))
            {
                hold.Emit(KafkaSideOutputs.Lost, in lost);
            }
            cursor.Position = lost.Before;
        }
        consumer.IncrementalUnassign([place]);
        if (cursor.Position >= cursor.StopAt)
        {
            _cursors.Finish(ref cursor);
        }
        else
        {
            consumer.IncrementalAssign([new TopicPartitionOffset(place, cursor.Position)]);
        }
    }

    private Gap FindGap(IConsumer<byte[], byte[]> consumer, TopicPartition place, long position, KafkaError error)
    {
        try
        {
            var bounds = consumer.QueryWatermarkOffsets(place, BoundsTimeout);
            return new Gap(place.Topic, place.Partition, position, bounds.Low, bounds.High);
        }
        catch (KafkaException failure)
        {
            throw KafkaFaults.Failure(
                _losses.GoesOn ? new KafkaError((int)failure.Error.Code, failure.Error.Reason, failure.Error.IsFatal) : error,
                $"Source {source.Name}: record {position:N0} of {place.Topic}-{place.Partition.Value} is not in the log");
        }
    }
}
