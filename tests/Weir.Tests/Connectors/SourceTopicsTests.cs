using System.Text;
using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>A source that reads several topics, or some partitions of one, from one start to the next.</summary>
public abstract class SourceTopicsTests(TestBroker broker)
{
    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task Several_topics_are_read_as_one_source_and_each_record_knows_its_place(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (one, other, output) = (await kafka.TopicAsync(2), await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(one, 0, ["a", "b"]);
        kafka.Produce(one, 1, ["c"]);
        kafka.Produce(other, 0, ["d", "e"]);
        using var job = new JobScript(kafka, one, output) { Job = new PlacesJob(), Source = new KafkaSourceOptions { Topics = [one, other], Reader = reader, End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        kafka.Produce(other, 0, ["f"]);
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());      // where it stood in both
        string[] all = [$"{one}-0@0 a", $"{one}-0@1 b", $"{one}-1@0 c", $"{other}-0@0 d", $"{other}-0@1 e", $"{other}-0@2 f"];
        Assert.Equal(all.Order(StringComparer.Ordinal), kafka.Committed(output, 0).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_topic_that_is_added_at_a_restart_is_read_from_its_oldest_record_whatever_the_start_mode()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (one, other, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(one, 0, ["old"]);
        kafka.Produce(other, 0, ["a", "b"]);
        using var job = new JobScript(kafka, one, output) { Source = new KafkaSourceOptions { Start = SourceStart.Latest, End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        kafka.Produce(one, 0, ["new"]);
        job.Source = new KafkaSourceOptions { Topics = [other, one], Start = SourceStart.Latest, End = SourceEnd.Current };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(["a", "b", "new"], kafka.Committed(output, 0).Order());
    }

    [Fact]
    public async Task A_topic_that_is_removed_is_refused_until_it_may_be_left_behind()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (one, other, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(one, 0, ["a"]);
        kafka.Produce(other, 0, ["b"]);
        using var job = new JobScript(kafka, one, output) { Source = new KafkaSourceOptions { Topics = [one, other], End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        kafka.Produce(one, 0, ["c"]);
        kafka.Produce(other, 0, ["never"]);
        job.Source = new KafkaSourceOptions { End = SourceEnd.Current };
        var refused = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.All(["'in'", $"{other}-0", "--allow-dropped-state"], part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
        Assert.Equal(["a", "b"], kafka.Committed(output, 0).Order());
        job.AllowsDroppedState = true;
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Contains(job.Warnings, line => line.Contains($"Dropped: where source 'in' stood in {other}-0", StringComparison.Ordinal));
        job.AllowsDroppedState = false;
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());      // the next checkpoint holds it no more
        Assert.Equal(["a", "b", "c"], kafka.Committed(output, 0).Order());
    }

    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task Only_the_partitions_that_are_named_are_read_and_one_that_is_named_later_from_its_oldest_record(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(4), await kafka.TopicAsync(1));
        for (int partition = 0; partition < 4; partition++)
        {
            kafka.Produce(input, partition, [$"p{partition}"]);
        }
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { Partitions = { [input] = "0,2" }, Reader = reader, End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(["p0", "p2"], kafka.Committed(output, 0).Order());
        job.Source.Partitions[input] = "0-2";
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(["p0", "p1", "p2"], kafka.Committed(output, 0).Order());
        job.Source.Partitions[input] = "1-2";
        var left = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());
        Assert.Contains($"{input}-0, which the source does not read any more", left.Message, StringComparison.Ordinal);
        job.Source.Partitions[input] = "0-4";
        var beyond = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());
        Assert.Contains($"Partitions names 4 of topic {input}, which has 4 partitions", beyond.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Partitions_that_are_added_to_a_topic_matter_where_it_is_read_whole(bool isWhole)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        await using var watch = new TopicWatch("in", "orders", isWhole, TimeSpan.Zero, mayBeReplaced: false, kafka.Clients(), TimeProvider.System, static _ => { });
        Assert.Equal(isWhole ? JobFailure.Transient : null, watch.Change(new FoundTopic("id", 1), new FoundTopic("id", 2))?.Reason);
        Assert.Equal(JobFailure.DataLoss, watch.Change(new FoundTopic("id", 1), new FoundTopic("other", 2))?.Reason);
    }

    /// <summary>Writes where each record lay.</summary>
    private sealed class PlacesJob : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("in", new Places()).ToKafka("out", Codec.Utf8);
    }

    private sealed class Places : MessageCodec<string>
    {
        public override Codec<string> Records => Codec.Utf8;

        public override string Decode(in Message message) => $"{message.Topic}-{message.Partition}@{message.Offset} {Encoding.UTF8.GetString(message.Value)}";

        public override bool EncodeValue(in string record, ReadOnlySpan<byte> bytes, ByteArena output) => throw new NotSupportedException();
    }
}

public sealed class SourceTopicsTestsOnSandbox(SandboxBroker broker) : SourceTopicsTests(broker);

public sealed class SourceTopicsTestsOnKafka(RealBroker broker) : SourceTopicsTests(broker);
