using Microsoft.Extensions.Logging;

namespace Weir.Hosting.Web;

/// <summary>What the management port logs: events 6100 to 6149.</summary>
internal static partial class ManagementLog
{
    [LoggerMessage(6100, LogLevel.Information, "Health checks at {Url}/health/live and {Url}/health/ready")]
    public static partial void Listening(this ILogger logger, string url);
}
