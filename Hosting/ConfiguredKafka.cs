using Weir.Connectors.Kafka;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Kafka where it is configured. Jobs that need none run without; one that does hears how to get it.</summary>
public sealed class ConfiguredKafka : IConnectorFactory
{
    /// <summary>How to get a broker to try.</summary>
    internal const string HowToGetOne = "With Docker, `docker compose -f docker-compose.kafka.yml up -d --wait` starts one on localhost:9092.";

    private readonly KafkaConnectorFactory? _kafka;

    /// <summary>Checks the options, where there are brokers at all; makes no connection.</summary>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: lists what is wrong with them.</exception>
    public ConfiguredKafka(KafkaJobOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _kafka = options.Client.BootstrapServers.Length > 0 ? new(options) : null;
    }

    /// <inheritdoc/>
    public IConnectors Open(ConnectorContext context) => _kafka?.Open(context) ?? throw new JobException(
        JobFailure.Configuration,
        "No Kafka is configured: set Weir:Kafka:BootstrapServers, or the environment variable Weir__Kafka__BootstrapServers, to your brokers, e.g. localhost:9092. " + HowToGetOne);
}
