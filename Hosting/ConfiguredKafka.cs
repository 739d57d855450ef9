using Weir.Connectors.Kafka;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Kafka where it is configured. Jobs that need none run without; one that does hears how to get it.</summary>
public sealed class ConfiguredKafka : IConnectorFactory
{
    /// <summary>How to get a broker to try.</summary>
    internal const string HowToGetOne = "With Docker, `docker compose -f docker-compose.kafka.yml up -d --wait` starts one on localhost:9092.";

    private const string HowToDoWithout = " To try it without, run it in the environment Development (DOTNET_ENVIRONMENT): it then brings its own broker.";

    private readonly KafkaConnectorFactory? _kafka;
    private readonly bool _hasSandbox;

    /// <summary>Checks the options, where there are brokers at all; makes no connection.</summary>
    /// <param name="options">The job's.</param>
    /// <param name="hasSandbox">Whether the program could bring a broker along.</param>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: lists what is wrong with them.</exception>
    public ConfiguredKafka(KafkaJobOptions options, bool hasSandbox = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        _kafka = options.Client.BootstrapServers.Length > 0 ? new(options) : null;
        _hasSandbox = hasSandbox;
    }

    /// <inheritdoc/>
    public IConnectors Open(ConnectorContext context) => _kafka?.Open(context) ?? throw new JobException(
        JobFailure.Configuration,
        "No Kafka is configured: set Weir:Kafka:BootstrapServers, or the environment variable Weir__Kafka__BootstrapServers, to your brokers, e.g. localhost:9092. " + HowToGetOne + (_hasSandbox ? HowToDoWithout : ""));
}
