using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Deletes topics, at once.</summary>
internal static class DeleteTopicsApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var names = exchange.Read().Strings();
        var response = exchange.Response;
        response.Int32(0);
        response.Array(names.Count);
        lock (exchange.Broker.Gate)
        {
            foreach (string name in names)
            {
                response.String(name);
                response.Error(exchange.Broker.Topics.Delete(name));
                if (exchange.Version >= 5)
                {
                    response.String(null);
                }
                response.Tags();
            }
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }
}
