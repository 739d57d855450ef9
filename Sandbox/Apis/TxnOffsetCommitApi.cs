using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Commits a group's offsets in a transaction: they count when that is committed.</summary>
internal static class TxnOffsetCommitApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        string transactionalId = request.String();
        string group = request.String();
        long producerId = request.Int64();
        short epoch = request.Int16();
        string member = "";
        if (exchange.Version >= 3)
        {
            request.Int32(); // Generation.
            member = request.String();
            request.NullableString(); // Instance.
        }
        var topics = OffsetCommits.Read(ref request, hasLeaderEpoch: exchange.Version >= 2);
        var broker = exchange.Broker;
        exchange.Response.Int32(0);
        lock (broker.Gate)
        {
            var error = exchange.Refusal != ErrorCode.None ? exchange.Refusal : member.Length > 0 ? ErrorCode.UnknownMemberId : broker.Transactions.MayCommitOffsets(transactionalId, producerId, epoch, group);
            // Of all versions none knows the newer code for it.
            error = Fencing.In(error, isNewEnough: false);
            foreach (var (topic, partitions) in error == ErrorCode.None ? topics : [])
            {
                foreach (var (partition, offset) in partitions)
                {
                    if (broker.Topics.Find(topic, partition) is not null)
                    {
                        broker.Groups.CommitLater(group, producerId, topic, partition, offset);
                    }
                }
            }
            OffsetCommits.Write(exchange.Response, topics, (topic, partition) =>
                error != ErrorCode.None ? error : broker.Topics.Find(topic, partition) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        }
        return ValueTask.CompletedTask;
    }
}
