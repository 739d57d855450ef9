using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

public abstract class KafkaSplitSourceTests(TestBroker broker)
{
    private static readonly Dictionary<string, string> None = [];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_produced_is_read_in_order_with_positions()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        kafka.Produce(topic, 0, Numbers(0, 2500));
        await using var source = Source(kafka, topic);
        var splits = await source.DiscoverAsync(Now);
        Assert.Equal([new SplitPosition($"{topic}-0", 0)], splits);
        using var reader = new ReaderScript(source, splits);
        await reader.ReadAsync(2500);
        Assert.Equal(Numbers(0, 2500), reader.Records);
        Assert.Equal([new SplitPosition($"{topic}-0", 2500)], reader.Positions());
    }

    [Fact]
    public async Task A_reader_that_may_not_emit_keeps_its_place_and_goes_on_from_there()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        kafka.Produce(topic, 0, Numbers(0, 100));
        await using var source = Source(kafka, topic);
        using var reader = new ReaderScript(source, await source.DiscoverAsync(Now));
        Assert.Equal(PollResult.More, await reader.ReadAsync(40, stopAfter: true));
        Assert.Equal(40, reader.Records.Count);
        Assert.Equal(40, reader.Positions()[0].Position);
        await reader.ReadAsync(100);
        Assert.Equal(Numbers(0, 100), reader.Records);
    }

    [Fact]
    public async Task Partitions_that_were_added_begin_at_their_oldest_record_wherever_the_others_stand()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        kafka.Produce(topic, 0, Numbers(0, 50));
        await kafka.GrowAsync(topic, 3);
        kafka.Produce(topic, 2, Numbers(100, 5));
        await using var source = Source(kafka, topic);
        var resumed = await source.ResumeAsync([new SplitPosition($"{topic}-0", 30)], None, Now);
        Assert.Equal([new($"{topic}-0", 30), new($"{topic}-1", 0), new($"{topic}-2", 0)], resumed);
        using var reader = new ReaderScript(source, resumed);
        await reader.ReadAsync(25);
        Assert.Equal(Numbers(30, 20).Concat(Numbers(100, 5)).Order(), reader.Records.Order());
    }

    [Fact]
    public async Task A_readers_lag_is_what_it_did_not_emit_yet()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2);
        kafka.Produce(topic, 0, Numbers(0, 100));
        kafka.Produce(topic, 1, Numbers(0, 20));
        await using var source = Source(kafka, topic);
        var reader = new ReaderScript(source, await source.DiscoverAsync(Now));
        Assert.Null(reader.Reader.Lag);
        await reader.ReadAsync(120 - 1, stopAfter: true);
        Assert.Equal(1, reader.Reader.Lag);
        await reader.ReadAsync(120);
        Assert.Equal(0, reader.Reader.Lag);
        reader.Dispose();
        Assert.Null(reader.Reader.Lag);
    }

    [Fact]
    public async Task Who_closes_its_clients_while_an_answer_is_awaited_leaves_the_call_its_client()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var admin = new KafkaAdmin(new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Bootstrap }).Build());
        var left = admin.PartitionsAsync("no-such-topic");
        admin.Dispose();
        Assert.Null(await left.WaitAsync(KafkaScript.Hang, Now));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => admin.PartitionsAsync("no-such-topic"));
    }

    [Fact]
    public async Task A_restart_goes_on_from_its_positions()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2);
        kafka.Produce(topic, 0, Numbers(0, 50));
        kafka.Produce(topic, 1, Numbers(100, 50));
        await using var source = Source(kafka, topic);
        SplitPosition[] positions = [new($"{topic}-0", 30), new($"{topic}-1", 50)];
        Assert.Equal(positions, await source.ResumeAsync(positions, None, Now));
        using var reader = new ReaderScript(source, positions);
        await reader.ReadAsync(20);
        Assert.Equal(Numbers(30, 20), reader.Records);
        kafka.Produce(topic, 1, ["late"]);
        await reader.ReadAsync(21);
        Assert.Equal("late", reader.Records[^1]);
        Assert.Equal([new($"{topic}-0", 50), new($"{topic}-1", 51)], reader.Positions());
    }

    [Fact]
    public async Task A_sleeping_reader_is_woken_by_every_new_record()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        await using var source = Source(kafka, topic);
        using var reader = new ReaderScript(source, await source.DiscoverAsync(Now));
        for (int i = 1; i <= 20; i++)
        {
            var read = reader.ReadAsync(i);
            kafka.Produce(topic, 0, [$"n{i}"]);
            await read;
        }
        Assert.Equal(Numbers(1, 20), reader.Records);
    }

    [Fact]
    public async Task A_bounded_source_stops_exactly_where_the_topic_ended()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2);
        kafka.Produce(topic, 0, Numbers(0, 100));
        await using var source = Source(kafka, topic, new KafkaSourceOptions { End = SourceEnd.Current });
        var splits = await source.DiscoverAsync(Now);
        Assert.Equal([new SplitPosition($"{topic}-0", 0, 100, "current"), new SplitPosition($"{topic}-1", 0, 0, "current")], splits);
        kafka.Produce(topic, 0, Numbers(100, 10));
        using var reader = new ReaderScript(source, splits);
        Assert.Equal(PollResult.Finished, await reader.ReadAsync(int.MaxValue));
        Assert.Equal(Numbers(0, 100), reader.Records);
        Assert.Equal(splits.Select(split => split with { Position = split.StopAt!.Value }), reader.Positions());
    }

    [Fact]
    public async Task A_bounded_source_finishes_behind_markers_and_aborted_records()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        kafka.Produce(topic, 0, Numbers(0, 5), transactionalId: $"{topic}-up");
        kafka.Produce(topic, 0, ["never"], transactionalId: $"{topic}-up", commit: false);
        await using var source = Source(kafka, topic, new KafkaSourceOptions { End = SourceEnd.Current });
        var splits = await source.DiscoverAsync(Now);
        Assert.Equal(8, splits[0].StopAt);
        using var reader = new ReaderScript(source, splits);
        Assert.Equal(PollResult.Finished, await reader.ReadAsync(int.MaxValue));
        Assert.Equal(Numbers(0, 5), reader.Records);
        Assert.Equal(8, reader.Positions()[0].Position);
    }

    [Fact]
    public async Task A_subtask_without_splits_is_finished_if_the_source_is_bounded_else_idle()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        await using var bounded = Source(kafka, "none", new KafkaSourceOptions { End = SourceEnd.Current });
        using var finished = new ReaderScript(bounded, []);
        Assert.Equal(PollResult.Finished, finished.PollOnce());
        await using var endless = Source(kafka, "none");
        using var idle = new ReaderScript(endless, []);
        Assert.Equal(PollResult.Idle, idle.PollOnce());
    }

    [Fact]
    public async Task Offsets_that_are_gone_are_counted_before_anything_runs()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await WithDeletedAsync(kafka, 40);
        await using var source = Source(kafka, topic);
        var lost = await Assert.ThrowsAsync<JobException>(() => source.ResumeAsync([new SplitPosition($"{topic}-0", 10)], None, Now));
        Assert.Equal(JobFailure.DataLoss, lost.Reason);
        Assert.Contains($"30 records of {topic}-0 are gone", lost.Message, StringComparison.Ordinal);
        var beyond = await Assert.ThrowsAsync<JobException>(() => source.ResumeAsync([new SplitPosition($"{topic}-0", 101)], None, Now));
        Assert.Equal(JobFailure.DataLoss, beyond.Reason);
        await source.ResumeAsync([new SplitPosition($"{topic}-0", 40)], None, Now);
    }

    [Fact]
    public async Task Positions_of_another_topic_of_the_same_name_are_refused()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        kafka.Produce(topic, 0, Numbers(0, 10));
        await using var source = Source(kafka, topic);
        var splits = await source.DiscoverAsync(Now);
        var ids = new Dictionary<string, string> { [source.Logs[0].Name] = source.Logs[0].Id };
        await source.ResumeAsync(splits, ids, Now);
        var (before, after) = await kafka.RemakeAsync(topic, 1);
        kafka.Produce(topic, 0, Numbers(0, 10));
        var lost = await Assert.ThrowsAsync<JobException>(() => source.ResumeAsync(splits, ids, Now));
        Assert.Equal(JobFailure.DataLoss, lost.Reason);
        Assert.All([topic, before, after], part => Assert.Contains(part, lost.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_holds_from_one_start_to_the_next_until_the_settings_name_another_end()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        kafka.Produce(topic, 0, Numbers(0, 10));
        string split = $"{topic}-0";
        SplitPosition[] stored = [new(split, 4, 6, "current")];
        Assert.Equal(stored, await ResumeAsync(new KafkaSourceOptions { End = SourceEnd.Current }, stored));
        Assert.Equal([new(split, 4)], await ResumeAsync(new KafkaSourceOptions(), stored));
        Assert.Equal([new(split, 4, 9)], await ResumeAsync(new KafkaSourceOptions { End = SourceEnd.Offsets, EndOffsets = { [split] = 9 } }, stored));
        Assert.Equal([new(split, 4, 4)], await ResumeAsync(new KafkaSourceOptions { End = SourceEnd.Offsets, EndOffsets = { [split] = 2 } }, stored));
        Assert.Equal([new(split, 4, 10, "current")], await ResumeAsync(new KafkaSourceOptions { End = SourceEnd.Current }, [new(split, 4)]));
        var (at, later) = (new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2100, 1, 2, 0, 0, 0, TimeSpan.Zero));
        var ended = await ResumeAsync(new KafkaSourceOptions { End = SourceEnd.Timestamp, EndTimestamp = at }, stored);
        Assert.Equal(10, ended[0].StopAt);
        kafka.Produce(topic, 0, Numbers(10, 3));
        Assert.Equal(ended, await ResumeAsync(new KafkaSourceOptions { End = SourceEnd.Timestamp, EndTimestamp = at }, ended));
        Assert.Equal(13, (await ResumeAsync(new KafkaSourceOptions { End = SourceEnd.Timestamp, EndTimestamp = later }, ended))[0].StopAt);

        async Task<IReadOnlyList<SplitPosition>> ResumeAsync(KafkaSourceOptions options, IReadOnlyList<SplitPosition> positions)
        {
            await using var source = Source(kafka, topic, options);
            return await source.ResumeAsync(positions, None, Now);
        }
    }

    [Fact]
    public async Task Every_end_gives_numbers()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2, ("retention.ms", "-1"));
        var noon = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        kafka.Produce(topic, 0, Numbers(0, 10), time: noon);
        kafka.Produce(topic, 0, Numbers(10, 5), time: noon.AddMinutes(1));
        kafka.Produce(topic, 1, Numbers(0, 3), time: noon);
        Assert.Equal([null, null], await StopsAsync(new KafkaSourceOptions()));
        Assert.Equal([15L, 3L], await StopsAsync(new KafkaSourceOptions { End = SourceEnd.Current }));
        Assert.Equal([10L, 3L], await StopsAsync(At(noon.AddMinutes(1))));
        Assert.Equal([10L, 3L], await StopsAsync(At(noon.AddMilliseconds(1))));
        Assert.Equal([0L, 0L], await StopsAsync(At(noon)));
        Assert.Equal([15L, 3L], await StopsAsync(At(noon.AddMinutes(2))));
        Assert.Equal([20L, 1L], await StopsAsync(new KafkaSourceOptions { End = SourceEnd.Offsets, EndOffsets = { [$"{topic}-0"] = 20, [$"{topic}-1"] = 1 } }));
        Assert.Equal([15L, 3L], await StopsAsync(new KafkaSourceOptions { Start = SourceStart.Latest, End = SourceEnd.Timestamp, EndTimestamp = noon }));
        var missing = await Assert.ThrowsAsync<JobException>(() => StopsAsync(new KafkaSourceOptions { End = SourceEnd.Offsets, EndOffsets = { [$"{topic}-0"] = 3 } }));
        Assert.Contains($"EndOffsets names no offset for {topic}-1", missing.Message, StringComparison.Ordinal);

        static KafkaSourceOptions At(DateTimeOffset time) => new() { End = SourceEnd.Timestamp, EndTimestamp = time };

        async Task<IEnumerable<long?>> StopsAsync(KafkaSourceOptions options)
        {
            await using var source = Source(kafka, topic, options);
            return (await source.DiscoverAsync(Now)).Select(split => split.StopAt);
        }
    }

    [Fact]
    public async Task Offsets_that_go_while_reading_are_counted_too()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await WithDeletedAsync(kafka, 40);
        await using var source = Source(kafka, topic);
        using var reader = new ReaderScript(source, new SplitPosition($"{topic}-0", 15));
        var lost = await Assert.ThrowsAsync<JobException>(() => reader.ReadAsync(1));
        Assert.Equal(JobFailure.DataLoss, lost.Reason);
        Assert.Contains($"25 records of {topic}-0 are gone", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_start_mode_gives_numbers()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2);
        kafka.Produce(topic, 0, Numbers(0, 10));
        var between = DateTimeOffset.UtcNow.AddMilliseconds(1);
        while (DateTimeOffset.UtcNow <= between)
        {
            await Task.Yield();      // a later millisecond
        }
        kafka.Produce(topic, 0, Numbers(10, 5));
        await kafka.Admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets(kafka.Job, [new TopicPartitionOffset(topic, 0, 7)])]);
        Assert.Equal([0L, 0L], await StartsAsync(new KafkaSourceOptions()));
        Assert.Equal([15L, 0L], await StartsAsync(new KafkaSourceOptions { Start = SourceStart.Latest }));
        Assert.Equal([10L, 0L], await StartsAsync(new KafkaSourceOptions { Start = SourceStart.Timestamp, StartTimestamp = between }));
        Assert.Equal([15L, 0L], await StartsAsync(new KafkaSourceOptions { Start = SourceStart.Timestamp, StartTimestamp = DateTimeOffset.UtcNow.AddHours(1) }));
        Assert.Equal([3L, 0L], await StartsAsync(new KafkaSourceOptions { Start = SourceStart.Offsets, StartOffsets = { [$"{topic}-0"] = 3, [$"{topic}-1"] = 0 } }));
        Assert.Equal([7L, 0L], await StartsAsync(new KafkaSourceOptions { Start = SourceStart.Group, StartGroup = kafka.Job }));
        var missing = await Assert.ThrowsAsync<JobException>(() => StartsAsync(new KafkaSourceOptions { Start = SourceStart.Offsets, StartOffsets = { [$"{topic}-0"] = 3 } }));
        Assert.Contains($"{topic}-1", missing.Message, StringComparison.Ordinal);

        async Task<IEnumerable<long>> StartsAsync(KafkaSourceOptions options)
        {
            await using var source = Source(kafka, topic, options);
            return (await source.DiscoverAsync(Now)).Select(split => split.Position);
        }
    }

    [Fact]
    public async Task A_topic_that_does_not_exist_is_a_configuration_error_that_names_it()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        await using var source = Source(kafka, "no-such-topic");
        var missing = await Assert.ThrowsAsync<JobException>(() => source.DiscoverAsync(Now));
        Assert.Equal(JobFailure.Configuration, missing.Reason);
        Assert.Contains("no-such-topic", missing.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Numbers(int from, int count) => Enumerable.Range(from, count).Select(number => $"n{number}");

    /// <summary>A topic of a hundred records, of which the first are deleted.</summary>
    private static async Task<string> WithDeletedAsync(KafkaScript kafka, long deleted)
    {
        string topic = await kafka.TopicAsync(1);
        kafka.Produce(topic, 0, Numbers(0, 100));
        await kafka.Admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, deleted)]);
        return topic;
    }

    private static KafkaSplitSource<string> Source(KafkaScript kafka, string topic, KafkaSourceOptions? options = null)
    {
        var clients = kafka.Clients();
        return new(new LogSource<string>(topic, new TextMessages()), new SourceTopics(topic, options ?? new KafkaSourceOptions(), clients, kafka.Context()), clients);
    }
}

public sealed class KafkaSplitSourceTestsOnSandbox(SandboxBroker broker) : KafkaSplitSourceTests(broker);

public sealed class KafkaSplitSourceTestsOnKafka(RealBroker broker) : KafkaSplitSourceTests(broker);
