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
        int topics = request.ArrayLength();
        response.Array(topics);
        lock (exchange.Broker.Gate)
        {
            for (; topics > 0; topics--)
            {
                string topic = request.String();
                response.String(topic);
                int partitions = request.ArrayLength();
                response.Array(partitions);
                for (; partitions > 0; partitions--)
                {
                    int partition = request.Int32();
                    long offset = request.Int64();
                    request.Tags();
                    var (error, start) = Delete(exchange.Broker, topic, partition, offset);
                    response.Int32(partition);
                    response.Int64(start);
                    response.Error(error);
                    response.Tags();
                }
                request.Tags();
                response.Tags();
            }
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
