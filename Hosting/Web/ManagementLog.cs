using Microsoft.Extensions.Logging;

namespace Weir.Hosting.Web;

/// <summary>What the management port logs: events 6100 to 6149.</summary>
internal static partial class ManagementLog
{
    [LoggerMessage(6100, LogLevel.Information, "Management at {Url}: /health/startup, /health/live, /health/ready, /jobs")]
    public static partial void Listening(this ILogger logger, string url);

    [LoggerMessage(6101, LogLevel.Warning, "No actions by the management port, only health and status: {Problem}")]
    public static partial void NoActions(this ILogger logger, string problem);

    [LoggerMessage(6102, LogLevel.Information, "Asked by the management port: {Action}")]
    public static partial void Asked(this ILogger logger, string action);
}
