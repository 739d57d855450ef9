using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Lists the groups that have committed offsets. They have no members, so all of them are empty.</summary>
internal static class ListGroupsApi
{
    /// <summary>The state of a group without members.</summary>
    public const string Empty = "Empty";

    public static ValueTask Handle(Exchange exchange)
    {
        var states = exchange.Version >= 4 ? exchange.Read().Strings() : [];
        var response = exchange.Response;
        if (exchange.Version >= 1)
        {
            response.Int32(0);
        }
        response.Error(ErrorCode.None);
        lock (exchange.Broker.Gate)
        {
            string[] groups = states.Count == 0 || states.Contains(Empty) ? [.. exchange.Broker.Groups.Names] : [];
            response.Array(groups.Length);
            foreach (string group in groups)
            {
                response.String(group);
                response.String("");
                if (exchange.Version >= 4)
                {
                    response.String(Empty);
                }
                response.Tags();
            }
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }
}
