using Confluent.Kafka;
using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Aside;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>What a job does whose topic does not have the next record any more.</summary>
public sealed class DataLossTests(SandboxBroker broker)
{
    private static readonly string[] s_values = [.. Enumerable.Range(0, 10).Select(number => $"{number}")];

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task Earliest_goes_on_at_the_oldest_record_and_says_what_is_lost(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await StoppedBeforeAsync(kafka, reader, DataLoss.Earliest, deleted: 7);

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        Assert.Equal(["0", "1", "2", "3", "7", "8", "9"], kafka.Committed(job.Output, 0));
        Assert.Equal(["0: 4 to 7, 3"], kafka.Committed(job.Sinks["lost"].Topic!, 0));
        Assert.Contains(job.Warnings, line => line.Contains("3 RECORDS OF", StringComparison.Ordinal) && line.Contains("ARE LOST: the next to read was 4, the log has 7 to 10 now. Reading goes on at 7, as OnDataLoss=Earliest says", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task Latest_goes_on_behind_the_newest_record_and_counts_those_between(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await StoppedBeforeAsync(kafka, reader, DataLoss.Latest, deleted: 7);

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        Assert.Equal(["0", "1", "2", "3"], kafka.Committed(job.Output, 0));
        Assert.Equal(["0: 4 to 10, 6"], kafka.Committed(job.Sinks["lost"].Topic!, 0));
    }

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task It_is_refused_unless_somebody_said_what_to_do(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await StoppedBeforeAsync(kafka, reader, DataLoss.Fail, deleted: 7);

        var lost = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());

        Assert.Equal(JobFailure.DataLoss, lost.Reason);
        Assert.Contains("3 records of", lost.Message, StringComparison.Ordinal);
        Assert.Contains("OnDataLoss of the source says where it is to go on instead", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_partitions_that_lost_some_are_named_as_far_as_a_sentence_goes()
    {
        string message = StartOffsets.Lost("in", [.. Enumerable.Range(0, 7).Select(partition => new Gap("orders", partition, 10, 12 + partition, 100))]).Message;

        Assert.Contains("2 records of orders-0 are gone: the next to read was 10, the log now starts at 12; 3 records of orders-1 are gone", message, StringComparison.Ordinal);
        Assert.Contains("6 records of orders-4 are gone: the next to read was 10, the log now starts at 16; and so it is with 2 more partitions.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task What_is_lost_while_it_is_read_is_crossed_too(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await JobAsync(kafka, reader, DataLoss.Earliest);
        await kafka.Admin.DeleteRecordsAsync([new TopicPartitionOffset(job.Source.Topic, 0, 6)]);
        job.Source.Start = SourceStart.Offsets;
        job.Source.StartOffsets[$"{job.Source.Topic}-0"] = 2;

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        Assert.Equal(["6", "7", "8", "9"], kafka.Committed(job.Output, 0));
        Assert.Equal(["0: 2 to 6, 4"], kafka.Committed(job.Sinks["lost"].Topic!, 0));
    }

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task A_log_that_lost_its_newest_records_is_read_on_at_its_end(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await JobAsync(kafka, reader, DataLoss.Earliest);
        job.Source.End = SourceEnd.Never;
        job.Source.Start = SourceStart.Offsets;
        job.Source.StartOffsets[$"{job.Source.Topic}-0"] = 50;
        var run = job.RunAsync(until: 1);
        await job.WarnedAsync(line => line.Contains("LOST ITS NEWEST RECORDS: the next to read was 50, but it ends at 10", StringComparison.Ordinal));
        kafka.Produce(job.Source.Topic!, 0, ["new"]);

        Assert.Equal(JobOutcome.Stopped, await run);

        Assert.Equal(["new"], kafka.Committed(job.Output, 0));
    }

    [Fact]
    public async Task A_topic_that_was_made_again_is_read_from_its_oldest_record()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        using var job = await StoppedBeforeAsync(kafka, SourceReader.Split, DataLoss.Earliest, deleted: 0);
        var (before, after) = await kafka.RemakeAsync(job.Source.Topic!, 1);
        kafka.Produce(job.Source.Topic!, 0, ["new"]);

        Assert.Equal(JobOutcome.Finished, await job.RunAsync());

        Assert.Equal(["0", "1", "2", "3", "new"], kafka.Committed(job.Output, 0));
        Assert.Contains(job.Warnings, line => line.Contains($"its id was {before} and is {after} now", StringComparison.Ordinal));
    }

    /// <summary>A job that read four of ten records, and was stopped; then some were deleted.</summary>
    private static async Task<JobScript> StoppedBeforeAsync(KafkaScript kafka, SourceReader reader, DataLoss policy, long deleted)
    {
        var job = await JobAsync(kafka, reader, policy);
        job.Source.End = SourceEnd.Offsets;
        job.Source.EndOffsets[$"{job.Source.Topic}-0"] = 4;
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        if (deleted > 0)
        {
            await kafka.Admin.DeleteRecordsAsync([new TopicPartitionOffset(job.Source.Topic, 0, deleted)]);
        }
        job.Source.EndOffsets.Clear();
        job.Source.End = SourceEnd.Current;
        return job;
    }

    private static async Task<JobScript> JobAsync(KafkaScript kafka, SourceReader reader, DataLoss policy)
    {
        string input = await kafka.TopicAsync(1);
        kafka.Produce(input, 0, s_values);
        return new JobScript(kafka, input, await kafka.TopicAsync(1))
        {
            Job = new LossJob(),
            Source = new KafkaSourceOptions { Topic = input, Reader = reader, OnDataLoss = policy, End = SourceEnd.Current },
            Sinks = { ["lost"] = new KafkaSinkOptions { Topic = await kafka.TopicAsync(1) } },
        };
    }

    private sealed class LossJob : IJob
    {
        public void Build(JobBuilder job)
        {
            var lines = job.FromKafka("in", Codec.Utf8);
            lines.SideOutput(KafkaSideOutputs.Lost).Map(lost => $"{lost.Partition}: {lost.From} to {lost.Before}, {lost.Count}").ToKafka("lost", Codec.Utf8);
            lines.ToKafka("out", Codec.Utf8);
        }
    }
}
