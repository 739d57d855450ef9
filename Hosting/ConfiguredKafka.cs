using Weir.Connectors.Kafka;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Kafka as it is configured; a job that needs one where there is none hears how to get it.</summary>
internal sealed class ConfiguredKafka(KafkaJobOptions options) : IConnectorFactory
{
    /// <summary>How to get a broker to try.</summary>
    public const string HowToGetOne = "With Docker, `docker compose -f docker-compose.kafka.yml up -d --wait` starts one on localhost:9092.";

    private readonly KafkaConnectorFactory _kafka = new(options);

    public IConnectors Open(ConnectorContext context) => options.Client.BootstrapServers.Length > 0
        ? _kafka.Open(context)
        : throw new JobException(
            JobFailure.Configuration,
            "No Kafka is configured: set Weir:Kafka:BootstrapServers, or the environment variable Weir__Kafka__BootstrapServers, to your brokers, e.g. localhost:9092. " + HowToGetOne);
}
