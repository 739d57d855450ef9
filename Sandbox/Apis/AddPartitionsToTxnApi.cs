using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Makes partitions part of a transaction: all of them, or none.</summary>
internal static class AddPartitionsToTxnApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        string transactionalId = request.String();
        long producerId = request.Int64();
        short epoch = request.Int16();
        var topics = new List<(string Name, List<int> Partitions)>();
        for (int left = request.ArrayLength(); left > 0; left--)
        {
            string name = request.String();
            var partitions = new List<int>();
            for (int i = request.ArrayLength(); i > 0; i--)
            {
                partitions.Add(request.Int32());
            }
            request.Tags();
            topics.Add((name, partitions));
        }
        var all = topics.SelectMany(topic => topic.Partitions.Select(partition => (topic.Name, Partition: partition))).ToArray();
        var error = exchange.Refusal;
        HashSet<(string, int)> unknown;
        lock (exchange.Broker.Gate)
        {
            unknown = [.. all.Where(asked => exchange.Broker.Topics.Find(asked.Name, asked.Partition) is null)];
            if (unknown.Count == 0 && error == ErrorCode.None)
            {
                error = Fencing.In(exchange.Broker.Transactions.Add(transactionalId, producerId, epoch, all), isNewEnough: exchange.Version >= 2);
            }
        }
        var response = exchange.Response;
        response.Int32(0);
        response.Array(topics.Count);
        foreach (var (name, partitions) in topics)
        {
            response.String(name);
            response.Array(partitions.Count);
            foreach (int partition in partitions)
            {
                response.Int32(partition);
                response.Error(unknown.Contains((name, partition)) ? ErrorCode.UnknownTopicOrPartition : unknown.Count > 0 ? ErrorCode.OperationNotAttempted : error);
                response.Tags();
            }
            response.Tags();
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }
}
