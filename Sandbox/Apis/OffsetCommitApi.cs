using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Commits a group's offsets, of a group without members.</summary>
internal static class OffsetCommitApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        string group = request.String();
        request.Int32(); // Generation.
        string member = request.String();
        if (exchange.Version >= 7)
        {
            request.NullableString(); // Instance.
        }
        if (exchange.Version <= 4)
        {
            request.Int64(); // How long to keep them: for ever, here.
        }
        var topics = OffsetCommits.Read(ref request, hasLeaderEpoch: exchange.Version >= 6);
        var broker = exchange.Broker;
        if (exchange.Version >= 3)
        {
            exchange.Response.Int32(0);
        }
        lock (broker.Gate)
        {
            foreach (var (topic, partitions) in member.Length == 0 ? topics : [])
            {
                foreach (var (partition, offset) in partitions)
                {
                    if (broker.Topics.Find(topic, partition) is not null)
                    {
                        broker.Groups.Commit(group, topic, partition, offset);
                    }
                }
            }
            OffsetCommits.Write(exchange.Response, topics, (topic, partition) =>
                member.Length > 0 ? ErrorCode.UnknownMemberId : broker.Topics.Find(topic, partition) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        }
        return ValueTask.CompletedTask;
    }
}
