using System.Text;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

public sealed class UndecodableRecordTests(SandboxBroker broker)
{
    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task A_job_that_meets_one_fails_for_good_and_says_which(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await JobAsync(kafka, reader, UndecodableRecord.Fail);

        var failure = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());

        Assert.Equal(JobFailure.Permanent, failure.Reason);
        Assert.Contains("Source in: record 1 of ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("can't be decoded: this is bad. Its key is none, its value 626164 (3 bytes). Mend the codec, or set OnUndecodable", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task Where_they_are_to_be_skipped_the_others_are_there_once(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await JobAsync(kafka, reader, UndecodableRecord.Skip);

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        Assert.Equal(["one", "two", "three"], kafka.Committed(job.Output, 0));
        Assert.Contains("is passed over, as it can't be decoded: this is bad. Its value is 626164 (3 bytes). 1 so far", Assert.Single(job.Warnings, line => line.Contains("passed over", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private static async Task<JobScript> JobAsync(KafkaScript kafka, SourceReader reader, UndecodableRecord policy)
    {
        string input = await kafka.TopicAsync(1);
        kafka.Produce(input, 0, ["one", "bad", "two", "bad", "three"]);
        return new JobScript(kafka, input, await kafka.TopicAsync(1))
        {
            Job = new PickyJob(),
            Source = new KafkaSourceOptions { Reader = reader, OnUndecodable = policy, Bounded = true },
        };
    }

    private sealed class PickyJob : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("in", new PickyMessages()).ToKafka("out", Codec.Utf8);
    }

    private sealed class PickyMessages : MessageCodec<string>
    {
        public override Codec<string> Records => Codec.Utf8;

        public override string Decode(in Message message) => Encoding.UTF8.GetString(message.Value) is var text && text != "bad" ? text : throw new FormatException("this is bad.");

        public override bool EncodeValue(in string record, ReadOnlySpan<byte> bytes, ByteArena output) => throw new NotSupportedException("It is only read.");
    }
}
