using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

public sealed class TransactionAgeTests(SandboxBroker broker)
{
    [Fact]
    public async Task It_is_measured_while_the_job_runs_and_not_longer()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string input = await kafka.TopicAsync(1);
        kafka.Produce(input, 0, ["one", "two"]);
        using var job = new JobScript(kafka, input, await kafka.TopicAsync(1)) { Source = new() { End = SourceEnd.Current } };
        var seen = new List<(string Tags, double Seconds)>();
        job.Job = new Looking(() => seen.AddRange(MeterEar.Look(kafka.Job, WeirInstruments.SinkTransactionAge)));

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        Assert.Equal(2, seen.Count);
        Assert.All(seen, age => Assert.True(age is { Tags: "", Seconds: >= 0 }, $"{age}"));
        Assert.Empty(MeterEar.Look(kafka.Job, WeirInstruments.SinkTransactionAge));
        Assert.Empty(MeterEar.Look(kafka.Job, WeirInstruments.SinkErrors));
    }

    private sealed class Looking(Action look) : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("in", Codec.Utf8).Map(Look).ToKafka("out", Codec.Utf8);

        private string Look(string text)
        {
            look();
            return text;
        }
    }
}
