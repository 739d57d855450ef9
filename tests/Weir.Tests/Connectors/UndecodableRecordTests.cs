using System.Text;
using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Aside;
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

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task Dead_letters_are_in_their_topic_as_they_were_read(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await JobAsync(kafka, reader, UndecodableRecord.DeadLetter);
        string letters = await kafka.TopicAsync(1);
        job.Sinks["in-dead-letters"] = new KafkaSinkOptions { Topic = letters };

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        Assert.Equal(["one", "two", "three"], kafka.Committed(job.Output, 0));
        Assert.Equal(["bad", "bad"], kafka.Committed(letters, 0));
        var letter = kafka.Messages(letters)[^1];
        Assert.Null(letter.Message.Key);
        Assert.Equal(
            [("weir.dead-letter.cause", "this is bad."), ("weir.dead-letter.job", kafka.Job), ("weir.dead-letter.topic", job.Source.Topic), ("weir.dead-letter.partition", "0"), ("weir.dead-letter.offset", "3")],
            letter.Message.Headers.Select(header => (header.Key, (string?)Encoding.UTF8.GetString(header.GetValueBytes()))));
        Assert.Contains(job.Warnings, line => line.Contains("goes to sink in-dead-letters, as it can't be decoded", StringComparison.Ordinal));
        Assert.Equal([("in", 2)], MeterEar.Look(kafka.Job, WeirInstruments.DeadLetterRecords));
        Assert.Equal([("in DeadLetter", 2)], MeterEar.Look(kafka.Job, WeirInstruments.SourceUndecodable));
    }

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task A_dead_letter_keeps_key_headers_and_time(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await JobAsync(kafka, reader, UndecodableRecord.DeadLetter);
        string letters = await kafka.TopicAsync(1);
        job.Sinks["in-dead-letters"] = new KafkaSinkOptions { Topic = letters };
        var time = DateTimeOffset.UtcNow.AddHours(-1);
        kafka.Send(job.Source.Topic!, "key"u8.ToArray(), "bad"u8.ToArray(), time, ("trace", "1"u8.ToArray()), ("trace", []), ("none", null));

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        var letter = kafka.Messages(letters)[^1].Message;
        Assert.Equal("key", Encoding.UTF8.GetString(letter.Key!));
        Assert.Equal(time.ToUnixTimeMilliseconds(), letter.Timestamp.UnixTimestampMs);
        Assert.Equal([("trace", "1"), ("trace", ""), ("none", null)], letter.Headers.Take(3).Select(header => (header.Key, header.GetValueBytes() is { } value ? Encoding.UTF8.GetString(value) : null)));
    }

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task A_job_may_take_them_from_a_side_output(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await JobAsync(kafka, reader, UndecodableRecord.SideOutput);
        job.Job = new PatientJob();
        string refused = await kafka.TopicAsync(1);
        job.Sinks["refused"] = new KafkaSinkOptions { Topic = refused };

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        Assert.Equal(["one", "two", "three"], kafka.Committed(job.Output, 0));
        Assert.Equal(["1: bad, as this is bad.", "3: bad, as this is bad."], kafka.Committed(refused, 0));
    }

    [Fact]
    public void They_are_stored_in_flight_as_they_are()
    {
        var codec = new UndecodableMessageCodec();
        var message = new UndecodableMessage { Topic = "orders", Partition = 3, Offset = 1L << 40, Timestamp = 17, Key = null, Value = new byte[] { 1, 2 }, Headers = [new("a", null), new("a", new byte[] { 3 })], Cause = "bad" };
        var bytes = new ByteArena();
        codec.Encode(in message, default, bytes);

        var read = codec.Decode(bytes.Written);

        Assert.Equal(("orders", 3, 1L << 40, 17L, "bad"), (read.Topic, read.Partition, read.Offset, read.Timestamp, read.Cause));
        Assert.Equal([("a", false, 0), ("a", true, 1)], read.Headers.Select(header => (header.Name, header.Value.HasValue, header.Value.GetValueOrDefault().Length)));
        Assert.Null(read.Key);
        Assert.Equal(new byte[] { 1, 2 }, read.Value!.Value.ToArray());
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<CodecException>(() => codec.Decode(bytes.Written[..length]));
        }
    }

    private static async Task<JobScript> JobAsync(KafkaScript kafka, SourceReader reader, UndecodableRecord policy)
    {
        string input = await kafka.TopicAsync(1);
        kafka.Produce(input, 0, ["one", "bad", "two", "bad", "three"]);
        return new JobScript(kafka, input, await kafka.TopicAsync(1))
        {
            Job = new PickyJob(),
            Source = new KafkaSourceOptions { Topic = input, Reader = reader, OnUndecodable = policy, End = SourceEnd.Current },
        };
    }

    private sealed class PickyJob : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("in", new PickyMessages()).ToKafka("out", Codec.Utf8);
    }

    private sealed class PatientJob : IJob
    {
        public void Build(JobBuilder job)
        {
            var lines = job.FromKafka("in", new PickyMessages());
            lines.SideOutput(KafkaSideOutputs.Undecodable).Map(bad => $"{bad.Offset}: {Encoding.UTF8.GetString(bad.Value!.Value.Span)}, as {bad.Cause}").ToKafka("refused", Codec.Utf8);
            lines.ToKafka("out", Codec.Utf8);
        }
    }

    private sealed class PickyMessages : MessageCodec<string>
    {
        public override Codec<string> Records => Codec.Utf8;

        public override string Decode(in Message message) => Encoding.UTF8.GetString(message.Value) is var text && text != "bad" ? text : throw new FormatException("this is bad.");

        public override bool EncodeValue(in string record, ReadOnlySpan<byte> bytes, ByteArena output) => throw new NotSupportedException("It is only read.");
    }
}
