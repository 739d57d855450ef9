using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>Clients with a password: the embedded broker asks for none.</summary>
public sealed class KafkaPasswordTests(RealBroker broker)
{
    [Fact]
    public async Task A_client_with_a_wrong_password_ends_the_start_however_patient_it_is()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, ["n0", "n1"]);
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { End = SourceEnd.Current } };
        job.Client = WithPassword(await broker.SaslBootstrapAsync(), "wrong");
        var refused = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());
        Assert.Equal(JobFailure.Unreachable, refused.Reason);
        Assert.Contains("refuse this client", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", refused.Message, StringComparison.Ordinal);
        job.Client = WithPassword(await broker.SaslBootstrapAsync(), "right");
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(["n0", "n1"], kafka.Committed(output, 0));
    }

    private static KafkaOptions WithPassword(string bootstrap, string password)
    {
        var options = new KafkaOptions { BootstrapServers = bootstrap };
        options.Client["SecurityProtocol"] = "SaslPlaintext";
        options.Client["SaslMechanism"] = "PLAIN";
        options.Client["SaslUsername"] = "weir";
        options.Client["SaslPassword"] = password;
        return options;
    }
}
