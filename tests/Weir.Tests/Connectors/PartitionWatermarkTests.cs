using System.Globalization;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>Event time of a topic whose partitions one subtask reads one after the other.</summary>
public abstract class PartitionWatermarkTests(TestBroker broker)
{
    private const int Records = 3000;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task Partitions_that_are_read_at_different_speed_make_no_record_late(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(3), await kafka.TopicAsync(1));
        for (int partition = 0; partition < 3; partition++)
        {
            kafka.Produce(input, partition, Enumerable.Range(0, Records).Select(number => $"{number}"));
        }
        using var job = new JobScript(kafka, input, output) { Job = new LateJob(), Source = new KafkaSourceOptions { Reader = reader, End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        var seen = kafka.Committed(output, 0);
        Assert.Equal(3 * Records, seen.Count);
        Assert.DoesNotContain("late", seen);
    }

    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task A_partition_without_records_holds_event_time_up_no_longer_than_it_may_and_that_is_said(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(2), await kafka.TopicAsync(1));
        using var job = new JobScript(kafka, input, output) { Job = new LateJob(TimeSpan.FromMilliseconds(200)), Source = new KafkaSourceOptions { Reader = reader } };
        var run = job.RunAsync();
        int sent = 0;
        while (!kafka.Committed(output, 0).Contains("after"))
        {
            kafka.Produce(input, 0, [$"{sent++}"]);
            Assert.False(run.IsCompleted);
            Assert.True(sent < 10_000, "Event time stands.");
        }
        Assert.Contains(job.Warnings, line => line.Contains($"{input}-1 has brought no record for 0.2 s", StringComparison.Ordinal));
        job.End();
        Assert.Equal(JobOutcome.Stopped, await run.WaitAsync(KafkaScript.Hang, Now));
    }

    /// <summary>The record is its time in ms; says of each whether it was late, on time, or came when there was a watermark.</summary>
    private sealed class LateJob(TimeSpan? idleness = null) : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("in", Codec.Utf8)
            .WithWatermarks("marks", text => long.Parse(text, CultureInfo.InvariantCulture), TimeSpan.Zero, idleness)
            .Process<SayLate, string>("say")
            .ToKafka("out", Codec.Utf8);
    }

    private sealed class SayLate : StreamProcess<string, string>
    {
        public override void Process(in string record, ProcessContext<string> context) =>
            context.Emit(context.Timestamp <= context.Watermark ? "late" : context.Watermark == long.MinValue ? "before" : "after");
    }
}

public sealed class PartitionWatermarkTestsOnSandbox(SandboxBroker broker) : PartitionWatermarkTests(broker);

public sealed class PartitionWatermarkTestsOnKafka(RealBroker broker) : PartitionWatermarkTests(broker);
