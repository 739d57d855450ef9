namespace Weir.Hosting;

/// <summary>What a newcomer needs to hear when there is no Kafka.</summary>
internal static class KafkaHints
{
    public const string GetOne = "With Docker, `docker compose -f docker-compose.kafka.yml up -d` starts one on localhost:9092.";

    public const string NoneSet =
        "No Kafka is configured: set Weir:Kafka:BootstrapServers (or the environment variable Weir__Kafka__BootstrapServers) to your brokers, e.g. localhost:9092. " + GetOne;
}
