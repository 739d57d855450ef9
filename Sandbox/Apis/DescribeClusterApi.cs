using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Says what the cluster is: one node.</summary>
internal static class DescribeClusterApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var broker = exchange.Broker;
        var response = exchange.Response;
        response.Int32(0);
        response.Error(ErrorCode.None);
        response.String(null);
        response.String(broker.ClusterId);
        response.Int32(BrokerState.NodeId); // The controller.
        response.Array(1);
        response.Int32(BrokerState.NodeId);
        response.String(BrokerState.Host);
        response.Int32(broker.Port);
        response.String(null);
        response.Tags();
        response.Int32(int.MinValue); // Operations, which nobody asked for.
        response.Tags();
        return ValueTask.CompletedTask;
    }
}
