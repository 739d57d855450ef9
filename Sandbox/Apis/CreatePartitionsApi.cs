using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Gives topics more partitions.</summary>
internal static class CreatePartitionsApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        var wanted = new List<(string Topic, int Partitions)>();
        for (int left = request.ArrayLength(); left > 0; left--)
        {
            wanted.Add((request.String(), request.Int32()));
            for (int assigned = request.ArrayLength(); assigned > 0; assigned--)
            {
                for (int nodes = request.ArrayLength(); nodes > 0; nodes--)
                {
                    request.Int32();
                }
                request.Tags();
            }
            request.Tags();
        }
        request.Int32(); // Its time-out: nothing takes time here.
        bool isCheckOnly = request.Bool();
        var response = exchange.Response;
        response.Int32(0);
        response.Array(wanted.Count);
        lock (exchange.Broker.Gate)
        {
            foreach (var (topic, partitions) in wanted)
            {
                response.String(topic);
                response.Error(exchange.Broker.Topics.Grow(topic, partitions, isCheckOnly));
                response.String(null);
                response.Tags();
            }
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }
}
