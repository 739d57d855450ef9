using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Describes groups: empty if they have committed offsets, else dead, as Kafka calls a group that it does not know.</summary>
internal static class DescribeGroupsApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var groups = exchange.Read().Strings();
        var response = exchange.Response;
        if (exchange.Version >= 1)
        {
            response.Int32(0);
        }
        response.Array(groups.Count);
        lock (exchange.Broker.Gate)
        {
            foreach (string group in groups)
            {
                response.Error(ErrorCode.None);
                response.String(group);
                response.String(exchange.Broker.Groups.Exists(group) ? ListGroupsApi.Empty : "Dead");
                response.String("");
                response.String("");
                response.Array(0); // Members.
                if (exchange.Version >= 3)
                {
                    response.Int32(int.MinValue); // Operations, which nobody asked for.
                }
                response.Tags();
            }
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }
}
