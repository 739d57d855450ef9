using Weir.Sandbox.Groups;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Says what a group has committed.</summary>
internal static class OffsetFetchApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        string group = request.String();
        int count = request.ArrayLength();
        var asked = new List<(string Topic, int[] Partitions)>();
        for (int left = count; left > 0; left--)
        {
            string topic = request.String();
            int[] partitions = new int[Math.Max(0, request.ArrayLength())];
            for (int i = 0; i < partitions.Length; i++)
            {
                partitions[i] = request.Int32();
            }
            request.Tags();
            asked.Add((topic, partitions));
        }
        bool isStableOnly = exchange.Version >= 7 && request.Bool();
        var response = exchange.Response;
        if (exchange.Version >= 3)
        {
            response.Int32(0);
        }
        lock (exchange.Broker.Gate)
        {
            var groups = exchange.Broker.Groups;
            if (exchange.Refusal != ErrorCode.None && exchange.Version >= 2)
            {
                asked = [];
            }
            else if (count < 0)
            {
                asked = [.. groups.PartitionsOf(group).Select(topic => (topic.Key, topic.ToArray()))];
            }
            response.Array(asked.Count);
            foreach (var (topic, partitions) in asked)
            {
                response.String(topic);
                response.Array(partitions.Length);
                foreach (int partition in partitions)
                {
                    Write(response, exchange.Version, groups, group, topic, partition, isStableOnly);
                }
                response.Tags();
            }
        }
        if (exchange.Version >= 2)
        {
            response.Error(exchange.Refusal);
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }

    private static void Write(ResponseWriter response, short version, GroupOffsets groups, string group, string topic, int partition, bool isStableOnly)
    {
        bool isUnstable = isStableOnly && groups.IsPending(group, topic, partition);
        var offset = isUnstable ? null : groups.Find(group, topic, partition);
        response.Int32(partition);
        response.Int64(offset?.Offset ?? -1);
        if (version >= 5)
        {
            response.Int32(offset?.LeaderEpoch ?? -1);
        }
        response.String(offset is { } found ? found.Metadata : "");
        response.Error(isUnstable ? ErrorCode.UnstableOffsetCommit : ErrorCode.None);
        response.Tags();
    }
}
