using Weir.Sandbox;
using Weir.Sandbox.Faults;

namespace Weir.Tests.Connectors;

/// <summary>The pointer is read at a start only: a client that stayed kept what each commit adds to its topic, unread, as long as the process lived.</summary>
public sealed class PointerReaderTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_fetches_the_pointers_of_a_life_that_has_begun()
    {
        var requests = new FaultPlan();
        await using var broker = InMemoryBroker.Start(new InMemoryBrokerOptions { Faults = requests });
        await using var kafka = KafkaScript.On(broker);
        string topic = await kafka.TopicAsync(1);
        await using (await LifeScript.StartAsync(kafka, "a", topic))
        {
        }
        await using var life = await LifeScript.StartAsync(kafka, "b", topic);
        Assert.Equal("a", life.Found!.Pointer!.LifeId);

        // It has no source, so that whoever fetches reads pointers.
        requests.Add(new Fault(FaultKind.DelayReply) { Api = ApiKey.Fetch, For = TimeSpan.Zero, Times = int.MaxValue });
        for (int checkpoint = 1; checkpoint <= 20; checkpoint++)
        {
            life.Writer().Write($"{checkpoint}");
            await life.CheckpointAsync(checkpoint);
        }
        Assert.InRange(requests.Happened, 0, 1); // One may have been on its way when its client ended.
        Assert.Equal(20, (await life.Commit.ReadPointerAsync(Now))!.CheckpointId);
    }
}
