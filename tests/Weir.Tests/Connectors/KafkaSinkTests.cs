using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

public abstract class KafkaSinkTests(TestBroker broker)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_client_queue_makes_the_writer_wait_and_keeps_the_order()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        await using var life = LifeScript.Open(kafka, "a", TinyQueue(kafka));
        await life.StartAsync(topic);
        await life.Writer().WriteAllAsync(Numbers(0, 5000));
        await life.CheckpointAsync(1);
        Assert.True(life.Writer().Waits > 0);
        Assert.Equal(Numbers(0, 5000), kafka.Committed(topic, 0));
    }

    [Fact]
    public async Task What_a_full_queue_holds_back_at_the_switch_still_belongs_to_the_old_transaction()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        await using var life = LifeScript.Open(kafka, "a", TinyQueue(kafka));
        await life.StartAsync(topic);
        life.Writer().Write(Numbers(0, 1000));
        await life.Commit.MaySwitchAsync(Now);
        life.Writer().Writer.Switch(1);
        life.Writer().Write(Numbers(1000, 1000));
        await life.SwitchedAsync(1);
        await life.CommitAsync(1);
        Assert.Equal(Numbers(0, 1000), kafka.Committed(topic, 0));
        await life.Writer().ReadyAsync();
        await life.CheckpointAsync(2);
        Assert.Equal(Numbers(0, 2000), kafka.Committed(topic, 0));
    }

    [Fact]
    public async Task A_record_that_the_client_does_not_take_ends_the_attempt_and_is_never_skipped()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        await using var life = await LifeScript.StartAsync(kafka, "a", topic);
        life.Writer().Write("small");
        var tooLarge = Assert.Throws<JobException>(() => life.Writer().Write(new string('0', 1_100_000)));
        Assert.Equal(JobFailure.Permanent, tooLarge.Reason);
        Assert.Contains($"{topic}-0", tooLarge.Message, StringComparison.Ordinal);
        Assert.Contains("1,100,000", tooLarge.Message, StringComparison.Ordinal);
        Assert.Contains("1,000,000", tooLarge.Message, StringComparison.Ordinal);
        Assert.Same(tooLarge, await Assert.ThrowsAsync<JobException>(() => life.SwitchedAsync(1)));
        Assert.Empty(kafka.Committed(topic, 0));
    }

    [Fact]
    public async Task A_record_that_the_broker_does_not_take_ends_the_attempt_too()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1, ("max.message.bytes", "10000"));
        var told = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = kafka.Options();
        options.Client.Client["CompressionType"] = "none";
        await using var life = LifeScript.Open(kafka, "a", options, failure => told.TrySetResult(failure));
        await life.StartAsync(topic);
        life.Writer().Write(new string('0', 50_000));
        var tooLarge = Assert.IsType<JobException>(await told.Task.WaitAsync(KafkaScript.Hang, Now));
        Assert.Equal(JobFailure.Permanent, tooLarge.Reason);
        Assert.All([$"{topic}-0", "50,000 bytes", "10,000"], part => Assert.Contains(part, tooLarge.Message, StringComparison.Ordinal));
        Assert.Same(tooLarge, await Assert.ThrowsAsync<JobException>(() => life.PrepareAsync(1)));
        Assert.Equal([("Permanent", 1.0)], MeterEar.Look(kafka.Job, WeirInstruments.SinkErrors));
    }

    [Theory]
    [InlineData(SinkGuarantee.ExactlyOnce)]
    [InlineData(SinkGuarantee.AtLeastOnce)]
    public async Task Thousands_of_small_records_fit_into_a_topic_that_takes_small_batches(SinkGuarantee guarantee)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (small, large) = (await kafka.TopicAsync(1, ("max.message.bytes", "20000")), await kafka.TopicAsync(1));
        var told = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = kafka.Options();
        options.Client.Client["CompressionType"] = "none";
        options.Sinks[small] = new KafkaSinkOptions { Guarantee = guarantee };
        await using var life = LifeScript.Open(kafka, "a", options, failure => told.TrySetResult(failure));
        await life.StartAsync(large, small);
        string[] records = [.. Enumerable.Range(0, 5000).Select(number => $"{number:D100}")];
        await life.Writer(0).WriteAllAsync(records);
        await life.Writer(1).WriteAllAsync(records);
        if (guarantee == SinkGuarantee.AtLeastOnce)
        {
            await life.Writer(1).Writer.FlushAsync(Now).AsTask().WaitAsync(KafkaScript.Hang, Now);
        }
        else
        {
            await life.CheckpointAsync(1);
            Assert.Equal(records, kafka.Committed(large, 0));
        }
        Assert.Equal(records, kafka.Committed(small, 0));
        life.Writer(1).Write(new string('0', 30_000));
        var tooLarge = Assert.IsType<JobException>(await told.Task.WaitAsync(KafkaScript.Hang, Now));
        Assert.Equal(JobFailure.Permanent, tooLarge.Reason);
        Assert.All([$"{small}-0", "30,000 bytes", "20,000"], part => Assert.Contains(part, tooLarge.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_that_is_small_enough_when_compressed_is_taken()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1, ("max.message.bytes", "20000"));
        await using var life = await LifeScript.StartAsync(kafka, "a", topic);
        string zeros = new('0', 30_000);
        life.Writer().Write("before", zeros, "after");
        await life.CheckpointAsync(1);
        Assert.Equal(["before", zeros, "after"], kafka.Committed(topic, 0));
    }

    [Fact]
    public async Task A_flush_of_an_at_least_once_sink_does_not_wait_for_what_others_go_on_to_write()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        var options = kafka.Options();
        options.Sinks[topic] = new KafkaSinkOptions { Guarantee = SinkGuarantee.AtLeastOnce };
        await using var life = LifeScript.Open(kafka, "a", options);
        await using var sink = life.OpenSink(topic);
        await sink.CheckAsync(Now);
        using var busy = new WriterScript(sink);
        using var flushed = new WriterScript(sink, subtask: 1);
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await busy.WriteAllAsync(Numbers(0, 100));
                }
            },
            Now);
        await flushed.WriteAllAsync(["one", "two"]);
        var flush = flushed.Writer.FlushAsync(Now).AsTask();
        await Task.WhenAny(flush, writing, Task.Delay(KafkaScript.Hang, Now));
        bool whileOthersWrite = flush.IsCompletedSuccessfully && !writing.IsCompleted;
        await enough.CancelAsync();
        await writing;
        Assert.True(whileOthersWrite);
    }

    [Fact]
    public async Task A_flush_of_an_at_least_once_sink_completes_when_all_is_acknowledged()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        var options = TinyQueue(kafka);
        options.Sinks[topic] = new KafkaSinkOptions { Guarantee = SinkGuarantee.AtLeastOnce };
        await using var life = LifeScript.Open(kafka, "a", options);
        await using var sink = life.OpenSink(topic);
        Assert.False(sink.IsTransactional);
        await sink.CheckAsync(Now);
        using var writer = new WriterScript(sink);
        writer.Write(Numbers(0, 1000));
        await writer.Writer.FlushAsync(Now).AsTask().WaitAsync(KafkaScript.Hang, Now);
        Assert.Equal(Numbers(0, 1000), kafka.Committed(topic, 0));
        await writer.WriteAllAsync(["more"]);
        await writer.Writer.FlushAsync(Now).AsTask().WaitAsync(KafkaScript.Hang, Now);
        Assert.Equal(1001, kafka.Committed(topic, 0).Count);
    }

    [Fact]
    public async Task A_missing_topic_is_refused_or_made()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = $"{kafka.Job}-out";
        var options = kafka.Options();
        await using var life = LifeScript.Open(kafka, "a", options);
        var missing = await Assert.ThrowsAsync<JobException>(() => life.OpenSink(topic).CheckAsync(Now));
        Assert.Equal(JobFailure.Configuration, missing.Reason);
        options.Sinks[topic] = new KafkaSinkOptions { CreateTopic = true, Partitions = 3 };
        await life.OpenSink(topic).CheckAsync(Now);
        Assert.Equal(3, kafka.Admin.GetMetadata(topic, KafkaScript.Hang).Topics[0].Partitions.Count);
    }

    [Fact]
    public async Task Records_go_through_source_and_sink_without_an_allocation()
    {
        const int records = 20_000;
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(4));
        kafka.Produce(input, 0, Enumerable.Range(0, records).Select(number => $"{number:D8}"));
        await using var life = LifeScript.Open(kafka, "a");
        var messages = new EightBytes();
        await using var source = life.OpenSource(input, messages);
        var sink = life.OpenSink(output, messages);
        await sink.CheckAsync(Now);
        await life.StartAsync();
        using var copy = new CopyScript(source, sink, await source.DiscoverAsync(Now));
        await copy.CopyAsync(records / 2);      // buffers have grown
        copy.Allocated = 0;
        await copy.CopyAsync(records);
        Assert.InRange(copy.Allocated, 0, records / 2);        // a timer's or a queue's now and then: less than a byte a record
        await life.Commit.MaySwitchAsync(Now);
        copy.Writer.Switch(1);
        await life.SwitchedAsync(1);
        await life.CommitAsync(1);
        Assert.Equal(records, Enumerable.Range(0, 4).Sum(partition => kafka.Committed(output, partition).Count));
    }

    private static IEnumerable<string> Numbers(int from, int count) => Enumerable.Range(from, count).Select(number => $"{number}");

    private static KafkaJobOptions TinyQueue(KafkaScript kafka)
    {
        var options = kafka.Options();
        options.Client.Client["queue.buffering.max.messages"] = "100";
        return options;
    }
}

public sealed class KafkaSinkTestsOnSandbox(SandboxBroker broker) : KafkaSinkTests(broker);

public sealed class KafkaSinkTestsOnKafka(RealBroker broker) : KafkaSinkTests(broker);
