using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Deletes what lies before an offset.</summary>
internal static class DeleteRecordsApi
{
    private const long ToTheEnd = -1;

    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        var response = exchange.Response;
        response.Int32(0);
        lock (exchange.Broker.Gate)
        {
            ByPartition.Answer(ref request, response, (string topic, ref RequestReader asked) =>
            {
                int partition = asked.Int32();
                var (error, start) = Delete(exchange.Broker, topic, partition, offset: asked.Int64());
                response.Int32(partition);
                response.Int64(start);
                response.Error(error);
            });
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }

    private static (ErrorCode Error, long StartOffset) Delete(BrokerState broker, string topic, int partition, long offset)
    {
        if (broker.Topics.Find(topic, partition) is not { } log)
        {
            return (ErrorCode.UnknownTopicOrPartition, -1);
        }
        offset = offset == ToTheEnd ? log.EndOffset : offset;
        if (offset < 0 || offset > log.EndOffset)
        {
            return (ErrorCode.OffsetOutOfRange, -1);
        }
        log.DeleteBefore(offset);
        return (ErrorCode.None, log.StartOffset);
    }
}
