using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>What a whole job does from one start to the next.</summary>
public abstract class KafkaJobTests(TestBroker broker)
{
    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task Either_reader_reads_each_record_once_and_goes_on_where_the_other_stood(SourceReader first)
    {
        var other = first == SourceReader.Split ? SourceReader.Legacy : SourceReader.Split;
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(3), await kafka.TopicAsync(1));
        using var job = new JobScript(kafka, input, output);
        for (int round = 0; round < 4; round++)
        {
            for (int partition = 0; partition < 3; partition++)
            {
                kafka.Produce(input, partition, Numbers((round * 3000) + (partition * 1000), 1000));
            }
            var reader = round % 2 == 0 ? first : other;
            if (round < 2)
            {
                job.Source = new KafkaSourceOptions { Reader = reader };
                Assert.Equal(JobOutcome.Stopped, await job.RunAsync(until: (round + 1) * 3000));
            }
            else
            {
                job.Source = new KafkaSourceOptions { Reader = reader, End = SourceEnd.Current };
                Assert.Equal(JobOutcome.Finished, await job.RunAsync());
                Assert.Equal(JobOutcome.Finished, await job.RunAsync());      // nothing is new
            }
        }
        Assert.Equal(Numbers(0, 12_000).Order(), kafka.Committed(output, 0).Order());
    }

    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task Records_that_are_gone_end_the_job_with_their_number(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, Numbers(0, 100));
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { Reader = reader, Start = SourceStart.Offsets } };
        job.Source.StartOffsets[$"{input}-0"] = 10;
        await kafka.Admin.DeleteRecordsAsync([new TopicPartitionOffset(input, 0, 30)]);
        var lost = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());
        Assert.Equal(JobFailure.DataLoss, lost.Reason);
        Assert.Contains($"20 records of {input}-0 are gone", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_was_deleted_and_made_again_is_data_loss_however_full_it_is()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, Numbers(0, 10));
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        var (before, after) = await kafka.RemakeAsync(input, 1);
        kafka.Produce(input, 0, Numbers(100, 20));
        var lost = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());
        Assert.Equal(JobFailure.DataLoss, lost.Reason);
        Assert.All([input, before, after, "--first-start"], part => Assert.Contains(part, lost.Message, StringComparison.Ordinal));
        Assert.Equal(Numbers(0, 10), kafka.Committed(output, 0));
    }

    [Fact]
    public async Task A_start_from_the_jobs_own_group_begins_where_that_stands_and_holds_for_one_start()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, Numbers(0, 10));
        await StandAsync(kafka, input, 7);
        using var job = new JobScript(kafka, input, output);
        var refused = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        job.Source = new KafkaSourceOptions { Start = SourceStart.Group, End = SourceEnd.Current };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(Numbers(7, 3), kafka.Committed(output, 0));
        refused = await Assert.ThrowsAsync<JobException>(() => job.RunAsync());
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains("remove the start mode", refused.Message, StringComparison.Ordinal);
        job.Source = new KafkaSourceOptions { End = SourceEnd.Current };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
    }

    [Fact]
    public async Task Partitions_that_are_added_while_it_runs_are_read_too()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, Numbers(0, 10));
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { DiscoveryInterval = TimeSpan.FromMilliseconds(100) } };
        var run = job.RunAsync(until: 20);
        while (kafka.Committed(output, 0).Count < 10)
        {
            await Task.Yield();
        }
        await kafka.GrowAsync(input, 2);
        kafka.Produce(input, 1, Numbers(10, 10));
        Assert.Equal(JobOutcome.Stopped, await run);
        Assert.Equal(Numbers(0, 20).Order(), kafka.Committed(output, 0).Order());
        Assert.Contains(job.Warnings, line => line.Contains("has 2 partitions now, of which 1 are read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_topic_that_is_made_again_while_it_is_read_ends_the_job()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, Numbers(0, 10));
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { DiscoveryInterval = TimeSpan.FromMilliseconds(100) } };
        var run = job.RunAsync();
        while (kafka.Committed(output, 0).Count < 10)
        {
            await Task.Yield();
        }
        await kafka.RemakeAsync(input, 1);

        Assert.Equal(JobFailure.DataLoss, (await Assert.ThrowsAsync<JobException>(() => run)).Reason);
    }

    [Fact]
    public async Task A_start_from_a_foreign_group_is_a_start_position_like_any_other()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, Numbers(0, 10));
        await kafka.Admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets($"old-{kafka.Job}", [new TopicPartitionOffset(input, 0, 4)])]);
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { Start = SourceStart.Group, StartGroup = $"old-{kafka.Job}", End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        kafka.Produce(input, 0, Numbers(10, 2));
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(Numbers(4, 8), kafka.Committed(output, 0));
    }

    [Fact]
    public async Task Whether_a_run_is_bounded_and_where_it_ends_is_its_own()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        var (bounded, endless) = (new KafkaSourceOptions { End = SourceEnd.Current }, new KafkaSourceOptions());
        using var job = new JobScript(kafka, input, output);
        kafka.Produce(input, 0, Numbers(0, 10));
        job.Source = bounded;
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());      // nothing is new
        Assert.Equal(Numbers(0, 10), kafka.Committed(output, 0));
        kafka.Produce(input, 0, Numbers(10, 10));
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());      // a newer end
        Assert.Equal(Numbers(0, 20), kafka.Committed(output, 0));
        kafka.Produce(input, 0, Numbers(20, 10));
        job.Source = endless;
        Assert.Equal(JobOutcome.Stopped, await job.RunAsync(until: 30));
        kafka.Produce(input, 0, Numbers(30, 10));
        job.Source = bounded;
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());      // an end, where there was none
        Assert.Equal(Numbers(0, 40), kafka.Committed(output, 0));
    }

    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task A_run_that_is_stopped_before_its_end_comes_to_the_same_end_at_the_next_start(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { Reader = reader, End = SourceEnd.Current } };
        kafka.Produce(input, 0, Numbers(0, 10));
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.Bootstrap, TransactionalId = input }).Build())
        {
            producer.InitTransactions(KafkaScript.Hang);
            producer.BeginTransaction();
            producer.Produce(input, new Message<Null, string> { Value = "n10" });
            producer.Flush(KafkaScript.Hang);
            Assert.Equal(JobOutcome.Stopped, await job.RunAsync(until: 10));      // the end lies behind a record that is not committed
            producer.CommitTransaction(KafkaScript.Hang);
        }
        kafka.Produce(input, 0, Numbers(11, 5));
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(Numbers(0, 11), kafka.Committed(output, 0));
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());      // it came to its end: this start has an end of its own
        Assert.Equal(Numbers(0, 16), kafka.Committed(output, 0));
    }

    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task A_source_waits_for_the_offset_that_it_ends_at_and_reads_nothing_behind_it(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, Numbers(0, 10));
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { Reader = reader, End = SourceEnd.Offsets, EndOffsets = { [$"{input}-0"] = 15 } } };
        var run = job.RunAsync();
        while (kafka.Committed(output, 0).Count < 10)
        {
            await Task.Yield();
        }
        kafka.Produce(input, 0, Numbers(10, 10));
        Assert.Equal(JobOutcome.Finished, await run);
        Assert.Equal(Numbers(0, 15), kafka.Committed(output, 0));
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(Numbers(0, 15), kafka.Committed(output, 0));
    }

    [Fact]
    public async Task Group_offsets_that_are_not_the_checkpoints_are_said_and_do_not_hold()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        using var job = new JobScript(kafka, input, output) { Source = new KafkaSourceOptions { End = SourceEnd.Current } };
        kafka.Produce(input, 0, Numbers(0, 10));
        await job.RunAsync();
        kafka.Produce(input, 0, Numbers(10, 10));
        await job.RunAsync();
        Assert.DoesNotContain(job.Warnings, line => line.Contains("roup weir", StringComparison.OrdinalIgnoreCase));
        await StandAsync(kafka, input, 3);
        kafka.Produce(input, 0, Numbers(20, 10));
        await job.RunAsync();
        Assert.Contains(job.Warnings, line => line.Contains($"weir.{kafka.Job}", StringComparison.Ordinal) && line.Contains($"{input}-0: 3 instead of 20", StringComparison.Ordinal));
        await kafka.Admin.DeleteGroupsAsync([$"weir.{kafka.Job}"]);
        kafka.Produce(input, 0, Numbers(30, 10));
        await job.RunAsync();
        Assert.Contains(job.Warnings, line => line.Contains($"weir.{kafka.Job} has no committed offset for 1 of the 1 partitions", StringComparison.Ordinal));
        Assert.Equal(Numbers(0, 40), kafka.Committed(output, 0));
    }

    private static async Task StandAsync(KafkaScript kafka, string topic, long offset) => await kafka.Admin.AlterConsumerGroupOffsetsAsync(
        [new ConsumerGroupTopicPartitionOffsets($"weir.{kafka.Job}", [new TopicPartitionOffset(topic, 0, offset)])]);

    private static IEnumerable<string> Numbers(int from, int count) => Enumerable.Range(from, count).Select(number => $"n{number}");
}

public sealed class KafkaJobTestsOnSandbox(SandboxBroker broker) : KafkaJobTests(broker);

public sealed class KafkaJobTestsOnKafka(RealBroker broker) : KafkaJobTests(broker);
