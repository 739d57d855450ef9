using Weir.Sandbox.Log;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Says which node and topics there are; makes topics that are asked for, where that is wanted.</summary>
internal static class MetadataApi
{
    // "Not asked": the value that stands for authorized operations nobody wants to know.
    private const int NoOperations = int.MinValue;

    public static ValueTask Handle(Exchange exchange)
    {
        var (asked, mayCreate) = Read(exchange);
        lock (exchange.Broker.Gate)
        {
            Write(exchange, asked is null ? [.. exchange.Broker.Topics.All.Select(Found)] : [.. asked.Select(topic => Find(exchange.Broker, topic, mayCreate))]);
        }
        return ValueTask.CompletedTask;
    }

    private static (List<(string? Name, Guid Id)>? Asked, bool MayCreate) Read(Exchange exchange)
    {
        var request = exchange.Read();
        int count = request.ArrayLength();
        // All of them: null, or none in the first version.
        var asked = count < 0 || (count == 0 && exchange.Version == 0) ? null : new List<(string?, Guid)>();
        for (int i = 0; i < count; i++)
        {
            var id = exchange.Version >= 10 ? request.Uuid() : Guid.Empty;
            asked!.Add((request.NullableString(), id));
            request.Tags();
        }
        bool mayCreate = exchange.Version < 4 || request.Bool();
        return (asked, mayCreate);
    }

    private static TopicAnswer Found(Topic topic) => new(ErrorCode.None, topic.Name, topic.Id, topic);

    private static TopicAnswer Find(BrokerState broker, (string? Name, Guid Id) asked, bool mayCreate)
    {
        var topic = asked.Name is null ? broker.Topics.Find(asked.Id) : broker.Topics.Find(asked.Name);
        if (topic is not null)
        {
            return Found(topic);
        }
        var error = ErrorCode.UnknownTopicOrPartition;
        if (asked.Name is not null && mayCreate && broker.Options.CreatesTopics)
        {
            error = broker.Topics.Create(asked.Name, broker.Options.DefaultPartitions, TopicSettings.Default, out topic);
        }
        return topic is not null ? Found(topic) : new TopicAnswer(error, asked.Name, asked.Id, null);
    }

    private static void Write(Exchange exchange, TopicAnswer[] topics)
    {
        var response = exchange.Response;
        short version = exchange.Version;
        if (version >= 3)
        {
            response.Int32(0);
        }
        response.Array(1);
        response.Int32(BrokerState.NodeId);
        response.String(BrokerState.Host);
        response.Int32(exchange.Broker.Port);
        if (version >= 1)
        {
            response.String(null); // Its rack.
        }
        response.Tags();
        if (version >= 2)
        {
            response.String(exchange.Broker.ClusterId);
        }
        if (version >= 1)
        {
            response.Int32(BrokerState.NodeId); // The controller.
        }
        response.Array(topics.Length);
        foreach (var topic in topics)
        {
            WriteTopic(response, version, topic);
        }
        if (version is >= 8 and <= 10)
        {
            response.Int32(NoOperations);
        }
        response.Tags();
    }

    private static void WriteTopic(ResponseWriter response, short version, TopicAnswer topic)
    {
        response.Error(topic.Error);
        response.String(version >= 12 ? topic.Name : topic.Name ?? "");
        if (version >= 10)
        {
            response.Uuid(topic.Id);
        }
        if (version >= 1)
        {
            response.Bool(false); // Internal.
        }
        int partitions = topic.Found?.Partitions.Count ?? 0;
        response.Array(partitions);
        for (int partition = 0; partition < partitions; partition++)
        {
            WritePartition(response, version, partition);
        }
        if (version >= 8)
        {
            response.Int32(NoOperations);
        }
        response.Tags();
    }

    private static void WritePartition(ResponseWriter response, short version, int partition)
    {
        response.Error(ErrorCode.None);
        response.Int32(partition);
        response.Int32(BrokerState.NodeId);
        if (version >= 7)
        {
            response.Int32(0); // The leader's epoch.
        }
        response.Int32s([BrokerState.NodeId]); // Replicas.
        response.Int32s([BrokerState.NodeId]); // Those in sync.
        if (version >= 5)
        {
            response.Int32s([]); // Those that are offline.
        }
        response.Tags();
    }

    private sealed record TopicAnswer(ErrorCode Error, string? Name, Guid Id, Topic? Found);
}
