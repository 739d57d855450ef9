using Weir.Sandbox.Groups;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>The offsets of a commit, in a transaction or not: the same fields but for one version.</summary>
internal static class OffsetCommits
{
    public static List<(string Topic, List<(int Partition, CommittedOffset Offset)> Partitions)> Read(ref RequestReader request, bool hasLeaderEpoch)
    {
        var topics = new List<(string, List<(int, CommittedOffset)>)>();
        for (int left = request.ArrayLength(); left > 0; left--)
        {
            string topic = request.String();
            var partitions = new List<(int, CommittedOffset)>();
            for (int i = request.ArrayLength(); i > 0; i--)
            {
                int partition = request.Int32();
                long offset = request.Int64();
                int leaderEpoch = hasLeaderEpoch ? request.Int32() : -1;
                partitions.Add((partition, new CommittedOffset(offset, leaderEpoch, request.NullableString())));
                request.Tags();
            }
            request.Tags();
            topics.Add((topic, partitions));
        }
        return topics;
    }

    /// <summary>Writes one error for each partition.</summary>
    public static void Write(ResponseWriter response, List<(string Topic, List<(int Partition, CommittedOffset Offset)> Partitions)> topics, Func<string, int, ErrorCode> errorOf)
    {
        response.Array(topics.Count);
        foreach (var (topic, partitions) in topics)
        {
            response.String(topic);
            response.Array(partitions.Count);
            foreach (var (partition, _) in partitions)
            {
                response.Int32(partition);
                response.Error(errorOf(topic, partition));
                response.Tags();
            }
            response.Tags();
        }
        response.Tags();
    }
}
