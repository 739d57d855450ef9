using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Forgets groups.</summary>
internal static class DeleteGroupsApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var groups = exchange.Read().Strings();
        var response = exchange.Response;
        response.Int32(0);
        response.Array(groups.Count);
        lock (exchange.Broker.Gate)
        {
            foreach (string group in groups)
            {
                response.String(group);
                response.Error(exchange.Broker.Groups.Delete(group) ? ErrorCode.None : ErrorCode.GroupIdNotFound);
                response.Tags();
            }
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }
}
