using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Says who coordinates a group or a transactional id: the one node.</summary>
internal static class FindCoordinatorApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var response = exchange.Response;
        if (exchange.Version >= 1)
        {
            response.Int32(0);
        }
        response.Error(exchange.Refusal);
        if (exchange.Version >= 1)
        {
            response.String(null);
        }
        response.Int32(BrokerState.NodeId);
        response.String(BrokerState.Host);
        response.Int32(exchange.Broker.Port);
        response.Tags();
        return ValueTask.CompletedTask;
    }
}
