using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Says where a partition begins and ends, or where a time is in it.</summary>
internal static class ListOffsetsApi
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;

    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        request.Int32(); // The replica that asks: none.
        bool isCommittedOnly = exchange.Version >= 2 && request.Int8() == FetchRequest.ReadCommitted;
        var response = exchange.Response;
        if (exchange.Version >= 2)
        {
            response.Int32(0);
        }
        lock (exchange.Broker.Gate)
        {
            ByPartition.Answer(ref request, response, (string topic, ref RequestReader asked) =>
            {
                int partition = asked.Int32();
                if (exchange.Version >= 4)
                {
                    asked.Int32(); // The leader's epoch that the client knows: there is but one.
                }
                long timestamp = asked.Int64();
                var (error, offset, found) = exchange.Refusal != ErrorCode.None ? (exchange.Refusal, -1, -1) : Find(exchange.Broker, topic, partition, timestamp, isCommittedOnly);
                response.Int32(partition);
                response.Error(error);
                response.Int64(found);
                response.Int64(offset);
                if (exchange.Version >= 4)
                {
                    response.Int32(error == ErrorCode.None ? 0 : -1);
                }
            });
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }

    private static (ErrorCode Error, long Offset, long Timestamp) Find(BrokerState broker, string topic, int partition, long timestamp, bool isCommittedOnly)
    {
        if (broker.Topics.Find(topic, partition) is not { } log)
        {
            return (ErrorCode.UnknownTopicOrPartition, -1, -1);
        }
        long end = log.EndFor(isCommittedOnly);
        switch (timestamp)
        {
            case Latest:
                return (ErrorCode.None, end, -1);
            case Earliest:
                return (ErrorCode.None, log.StartOffset, -1);
            case MaxTimestamp:
                return log.FindMaxTime(end) is { } newest ? (ErrorCode.None, newest.Offset, newest.Timestamp) : (ErrorCode.None, -1, -1);
            case < 0:
                return (ErrorCode.UnsupportedVersion, -1, -1);
            default:
                return log.FindTime(timestamp, end) is { } found ? (ErrorCode.None, found.Offset, found.Timestamp) : (ErrorCode.None, -1, -1);
        }
    }
}
