using Weir.Sandbox.Log;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Appends batches.</summary>
internal static class ProduceApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        string? transactionalId = request.NullableString();
        short acks = request.Int16();
        request.Int32(); // Its time-out: nothing takes time here.
        exchange.IsAnswered = acks != 0;
        var response = exchange.Response;
        ByPartition.Answer(ref request, response, (string topic, ref RequestReader asked) =>
        {
            int partition = asked.Int32();
            var records = asked.Bytes();
            var answer = exchange.Refusal != ErrorCode.None ? new Answer(exchange.Refusal) : acks is -1 or 0 or 1 ? Append(exchange.Broker, transactionalId, topic, partition, records) : new Answer(ErrorCode.InvalidRequiredAcks);
            Write(response, exchange.Version, partition, answer);
        });
        response.Int32(0);
        response.Tags();
        return ValueTask.CompletedTask;
    }

    private static Answer Append(BrokerState broker, string? transactionalId, string topicName, int partition, ReadOnlySpan<byte> records)
    {
        var fault = RecordBatch.TryRead(records, out var head) switch
        {
            BatchFault.None => ErrorCode.None,
            BatchFault.OldFormat => ErrorCode.UnsupportedForMessageFormat,
            BatchFault.Corrupt => ErrorCode.CorruptMessage,
            _ => ErrorCode.InvalidRecord,
        };
        if (fault != ErrorCode.None)
        {
            return new Answer(fault);
        }
        lock (broker.Gate)
        {
            if (broker.Topics.Find(topicName) is not { } topic || (uint)partition >= topic.Partitions.Count)
            {
                return new Answer(ErrorCode.UnknownTopicOrPartition);
            }
            if (records.Length > topic.Settings.MessageBytesMax)
            {
                return new Answer(ErrorCode.MessageTooLarge);
            }
            if (head.IsTransactional && broker.Transactions.MayAppend(transactionalId, head, topic, partition) is not ErrorCode.None and var refusal)
            {
                return new Answer(refusal);
            }
            long nowMs = broker.NowMs;
            var log = topic.Partitions[partition];
            fault = log.Append(records, head, nowMs, out long offset);
            return new Answer(fault, offset, topic.Settings.IsAppendTime ? nowMs : -1, log.StartOffset);
        }
    }

    private static void Write(ResponseWriter response, short version, int partition, Answer answer)
    {
        response.Int32(partition);
        response.Error(answer.Error);
        response.Int64(answer.Offset);
        response.Int64(answer.AppendTimeMs);
        if (version >= 5)
        {
            response.Int64(answer.StartOffset);
        }
        if (version >= 8)
        {
            response.Array(0); // Records that are at fault by themselves.
            response.String(null);
        }
    }

    private readonly record struct Answer(ErrorCode Error, long Offset = -1, long AppendTimeMs = -1, long StartOffset = -1);
}
