using Microsoft.Extensions.Logging;

namespace Weir.Sandbox.Hosting;

/// <summary>What the embedded broker and its company log: events 7000 to 7099.</summary>
internal static partial class SandboxLog
{
    [LoggerMessage(7000, LogLevel.Warning,
        "Embedded broker at {Bootstrap}: its data lies in memory and is lost on exit, as are the checkpoints in {Folder}. For a Kafka of your own: `docker compose -f docker-compose.kafka.yml up -d --wait`, then the same command with the setting {Setting}")]
    public static partial void BrokerStarted(this ILogger logger, string bootstrap, string folder, string setting);

    [LoggerMessage(7001, LogLevel.Information, "Sample input: {PerSecond:N0} records/s into topic {Topic}")]
    public static partial void Feeds(this ILogger logger, double perSecond, string topic);

    [LoggerMessage(7002, LogLevel.Warning, "No sample input goes into topic {Topic} any more: {Reason}")]
    public static partial void FeedEnded(this ILogger logger, string topic, string reason);

    [LoggerMessage(7003, LogLevel.Debug, "No record of topic {Topic} can be shown: {Reason}")]
    public static partial void NothingToShow(this ILogger logger, string topic, string reason);
}
