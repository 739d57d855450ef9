using Weir.Runtime;
using Weir.Sandbox;
using Weir.Sandbox.Faults;

namespace Weir.Tests.Connectors;

public sealed class GroupOffsetsTests
{
    private const short NotCoordinator = 16;

    // An admin client of librdkafka takes the process down there (its #5040). Brokers answer so on the first use of a new cluster, and whenever the group's coordinator moves.
    [Fact]
    public async Task A_job_starts_although_its_groups_coordinator_has_moved()
    {
        var faults = new FaultPlan().Add(new Fault(FaultKind.Error) { Api = ApiKey.OffsetFetch, Error = NotCoordinator, Times = 2 });
        await using var broker = InMemoryBroker.Start(new InMemoryBrokerOptions { Faults = faults });
        await using var kafka = KafkaScript.On(broker);
        string input = await kafka.TopicAsync(1);
        string output = await kafka.TopicAsync(1);
        kafka.Produce(input, 0, ["one", "two"]);
        using var job = new JobScript(kafka, input, output);

        Assert.Equal(JobOutcome.Stopped, await job.RunAsync(until: 2));
        Assert.True(faults.AllHappened.IsCompleted);
        Assert.Equal(["one", "two"], kafka.Committed(output, 0));
    }
}
