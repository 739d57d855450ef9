using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>What a consumer asks for. Sessions are not kept: each fetch names all of its partitions.</summary>
internal sealed record FetchRequest(int WaitMsMax, int BytesMin, int BytesMax, bool IsCommittedOnly, IReadOnlyList<FetchRequest.Topic> Topics)
{
    /// <summary>The isolation level of who reads only what is committed.</summary>
    public const int ReadCommitted = 1;

    public static FetchRequest Read(Exchange exchange)
    {
        var request = exchange.Read();
        short version = exchange.Version;
        request.Int32(); // The replica that asks: none.
        int waitMsMax = request.Int32();
        int bytesMin = request.Int32();
        int bytesMax = request.Int32();
        bool isCommittedOnly = request.Int8() == ReadCommitted;
        if (version >= 7)
        {
            request.Int32(); // Session,
            request.Int32(); // and its epoch.
        }
        var topics = new List<Topic>();
        for (int left = request.ArrayLength(); left > 0; left--)
        {
            string name = request.String();
            var partitions = new List<Partition>();
            for (int i = request.ArrayLength(); i > 0; i--)
            {
                int index = request.Int32();
                if (version >= 9)
                {
                    request.Int32(); // The leader's epoch that the client knows: there is but one.
                }
                long offset = request.Int64();
                if (version >= 12)
                {
                    request.Int32(); // The epoch of the last record it has.
                }
                if (version >= 5)
                {
                    request.Int64(); // A follower's start.
                }
                partitions.Add(new Partition(index, offset, request.Int32()));
                request.Tags();
            }
            request.Tags();
            topics.Add(new Topic(name, partitions));
        }
        return new FetchRequest(waitMsMax, bytesMin, bytesMax, isCommittedOnly, topics);
    }

    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    public readonly record struct Partition(int Index, long Offset, int BytesMax);
}
