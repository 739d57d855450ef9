using Weir.Runtime;
using Weir.Sandbox;
using Weir.Sandbox.Faults;

namespace Weir.Tests.Connectors;

/// <summary>A call of the client that does not return when it should (librdkafka #5456).</summary>
public sealed class LeftBehindTests
{
    [Fact]
    public async Task A_job_ends_when_told_so_although_a_call_of_its_client_does_not_return()
    {
        var faults = new FaultPlan();
        await using var broker = InMemoryBroker.Start(new InMemoryBrokerOptions { Faults = faults });
        await using var kafka = KafkaScript.On(broker);
        string input = await kafka.TopicAsync(1);
        string output = await kafka.TopicAsync(1);
        kafka.Produce(input, 0, ["one"]);
        // The client then waits for the group's coordinator, whatever time it was given.
        faults.Add(new Fault(FaultKind.Restart) { Api = ApiKey.TxnOffsetCommit, For = TimeSpan.FromHours(1) });
        using var cancel = new CancellationTokenSource();
        using var job = new JobScript(kafka, input, output) { Cancel = cancel.Token };
        var run = job.RunAsync();
        await faults.AllHappened.WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken);
        await cancel.CancelAsync();

        Assert.Equal(JobOutcome.Cancelled, await run);
        Assert.Contains(job.Warnings, line => line.Contains("the client is left behind", StringComparison.Ordinal));
    }
}
