using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Connectors.Kafka;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>What a client of administration answers when its only broker has died and come back; on a broker of its own.</summary>
public sealed class KafkaAdminTests
{
    private const string Topic = "some";

    [Fact]
    public async Task Offsets_are_listed_again_as_soon_as_the_broker_is_back()
    {
        KafkaFolderBroker broker;
        try
        {
            broker = await KafkaFolderBroker.StartOwnAsync();
        }
        catch (NoBrokerException none)
        {
            Assert.Skip($"A broker that may be killed is needed: {none.Message}");
            return;
        }
        await using var own = broker;
        using var admin = new KafkaAdmin(new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Bootstrap }).Build());
        var patience = new BrokerPatience(broker.Bootstrap, limit: null, TimeProvider.System, NullLogger.Instance);
        await admin.CreateAsync(Topic, partitions: 1, replicas: 1, []);
        for (int round = 0; round < 2; round++)
        {
            var (starts, ends) = await patience.AskAsync(() => admin.BoundsAsync(Topic, [0]), TestContext.Current.CancellationToken).WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken);
            Assert.Equal((0, 0), (starts[0], ends[0]));
            broker.Kill();
            await broker.RestartAsync();
        }
    }
}
