using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Confluent.Kafka;
using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Retention;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors.Retention;

/// <summary>What the guard makes of a topic's settings, times and start.</summary>
public abstract class RetentionGuardTests(TestBroker broker)
{
    private readonly Channel<RestartSlack?> _told = Channel.CreateUnbounded<RestartSlack?>();

    [Fact]
    public async Task What_soon_expires_is_urgent_until_a_checkpoint_has_passed_it()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2, ("retention.ms", "3600000"));
        kafka.Produce(topic, 1, Numbers(0, 10), time: DateTimeOffset.UtcNow.AddMinutes(-50));
        kafka.Produce(topic, 1, Numbers(10, 10));
        await using var guard = Guard(kafka, topic);

        guard.Committed(At(topic, 0));
        guard.Begin();
        var slack = await NextAsync(_ => true);
        Assert.Equal(("in", $"{topic}-1", SlackLevel.Urgent), (slack!.Source, slack.Split, slack.Level));
        Assert.InRange(slack.Left, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));

        guard.Committed(At(topic, 10));
        Assert.Null(await NextAsync(slack => slack?.Level != SlackLevel.Urgent));
    }

    [Fact]
    public async Task What_was_deleted_already_is_worse()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2);
        kafka.Produce(topic, 1, Numbers(0, 20));
        await kafka.Admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 1, 5)]);
        await using var guard = Guard(kafka, topic);

        guard.Committed(At(topic, 4));
        guard.Begin();
        Assert.Equal(new RestartSlack("in", $"{topic}-1", TimeSpan.Zero, SlackLevel.Degraded), await NextAsync(_ => true));

        guard.Committed(At(topic, 5));
        Assert.Null(await NextAsync(slack => slack?.Level != SlackLevel.Degraded));
    }

    [Fact]
    public async Task A_start_that_comes_nearer_foretells_when_it_is_there()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2);
        kafka.Produce(topic, 1, Numbers(0, 1000));
        await using var guard = Guard(kafka, topic);

        guard.Committed(At(topic, 900));
        guard.Begin();
        Assert.Null(await NextAsync(_ => true));
        for (int start = 1; await NextAsync(_ => true) is null; start++)
        {
            await kafka.Admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 1, start)]);
        }
    }

    [Theory]
    [InlineData("retention.ms", "-1")]
    [InlineData("cleanup.policy", "compact")]
    public async Task A_topic_that_deletes_nothing_by_age_is_fine_however_old_its_records_are(string setting, string value)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2, (setting, value));
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = kafka.Bootstrap }).Build())
        {
            var old = new Message<string, string> { Key = "key", Value = "old", Timestamp = new Timestamp(DateTimeOffset.UtcNow.AddDays(-400)) };
            await producer.ProduceAsync(new TopicPartition(topic, 1), old, TestContext.Current.CancellationToken);
        }
        await using var guard = Guard(kafka, topic);

        guard.Committed(At(topic, 0));
        guard.Begin();
        Assert.Null(await NextAsync(_ => true));
        Assert.Null(await NextAsync(_ => true));
    }

    [Fact]
    public async Task What_is_not_read_yet_is_in_need_until_it_is_read_and_no_checkpoint_changes_that()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2, ("retention.ms", "3600000"));
        kafka.Produce(topic, 1, Numbers(0, 10), time: DateTimeOffset.UtcNow.AddMinutes(-58));
        kafka.Produce(topic, 1, Numbers(10, 10));
        await using var guard = Guard(kafka, topic);
        var reader = new PartitionCursors(At(topic, 0));

        guard.Committed(At(topic, 0));
        guard.Reads(reader);
        guard.Begin();
        await NextAsync(slack => slack?.Level == SlackLevel.Degraded);
        var inNeed = guard.Slacks.Single(slack => slack.Partition == 1);
        Assert.True(inNeed.IsReadingInNeed);
        Assert.InRange(inNeed.Reading, TimeSpan.Zero, TimeSpan.FromMinutes(2));
        Assert.Equal(20, inNeed.Unread);

        reader.Of(0, 1).Pass(offset: 9, bytes: 2);
        await NextAsync(_ => !guard.Slacks.Single(slack => slack.Partition == 1).IsReadingInNeed);
        var restart = guard.Slacks.Single(slack => slack.Partition == 1);
        Assert.Equal((SlackLevel.Degraded, TimeSpan.FromMinutes(40), 10), (restart.Level, restart.Reading, restart.Unread));
        Assert.InRange(restart.Restart, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_partition_that_fills_up_is_in_need_before_anything_was_deleted()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2, ("retention.ms", "-1"), ("retention.bytes", "1000000"), ("segment.bytes", "1048576"));
        await using var guard = Guard(kafka, topic);
        var reader = new PartitionCursors(At(topic, 0));
        reader.Of(0, 1).Pass(offset: 0, bytes: 1000);
        kafka.Produce(topic, 1, Large(10));

        guard.Committed(At(topic, 0));
        guard.Reads(reader);
        guard.Begin();
        int written = 10;
        var slack = await NextAsync(_ => true);
        for (; slack?.Level != SlackLevel.Degraded && written < 900; written += 10)      // there is room for so many
        {
            kafka.Produce(topic, 1, Large(10));
            slack = await NextAsync(_ => true);
        }
        Assert.Equal(SlackLevel.Degraded, slack?.Level);
        Assert.Equal(written, kafka.Committed(topic, 1).Count);
    }

    [Fact]
    public async Task What_the_guard_sees_is_measured_for_each_partition_and_what_changed_is_counted()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2, ("retention.ms", "3600000"));
        kafka.Produce(topic, 1, Numbers(0, 10), time: DateTimeOffset.UtcNow.AddMinutes(-50));
        var changes = new List<string?>();
        var seen = new Dictionary<(string Instrument, string? Partition), double>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Weir")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        meters.Start();
        var guard = Guard(kafka, topic);
        guard.Committed(At(topic, 4));
        guard.Begin();
        await NextAsync(slack => slack?.Level == SlackLevel.Urgent);

        meters.RecordObservableInstruments();
        Assert.InRange(seen[("weir.source.loss.headroom", "1")], 9 * 60, 10 * 60);
        Assert.Equal(40 * 60, seen[("weir.source.loss.headroom", "0")]);      // as far as it looks
        Assert.Equal(6, seen[("weir.source.lag", "1")]);
        Assert.Equal(0, seen[("weir.source.lag", "0")]);
        Assert.Equal(["Urgent"], changes);

        await guard.DisposeAsync();
        seen.Clear();
        meters.RecordObservableInstruments();
        Assert.Empty(seen);

        void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string? job = null, partition = null, level = null;
            foreach (var (name, tag) in tags)
            {
                (job, partition, level) = (name == "weir.job" ? tag as string : job, name == "messaging.destination.partition.id" ? tag as string : partition, name == "weir.slack.level" ? tag as string : level);
            }
            if (job != kafka.Job)
            {
                return;
            }
            if (level is null)
            {
                seen[(instrument.Name, partition)] = value;
            }
            else
            {
                changes.Add(level);
            }
        }
    }

    private RetentionGuard Guard(KafkaScript kafka, string topic) => new(
        "in",
        topic,
        new KafkaSourceOptions { RetentionCheckInterval = TimeSpan.FromMilliseconds(10), UrgentSlack = TimeSpan.FromMinutes(20), DegradedSlack = TimeSpan.FromMinutes(5) },
        kafka.Clients(),
        kafka.Context(failure => _told.Writer.TryComplete(failure), slack: (_, slack) => _told.Writer.TryWrite(slack)));

    private async Task<RestartSlack?> NextAsync(Func<RestartSlack?, bool> isIt)
    {
        using var hang = new CancellationTokenSource(KafkaScript.Hang);
        while (true)
        {
            var slack = await _told.Reader.ReadAsync(hang.Token);
            if (isIt(slack))
            {
                return slack;
            }
        }
    }

    /// <summary>Positions of a topic's two partitions, the first of which is empty.</summary>
    private static SplitPosition[] At(string topic, long position) => [new(SplitName.Of(topic, 0), 0, null), new(SplitName.Of(topic, 1), position, null)];

    private static IEnumerable<string> Large(int count) => Enumerable.Range(0, count).Select(static number => new string((char)('a' + (number % 26)), 1000));

    private static IEnumerable<string> Numbers(int from, int count) => Enumerable.Range(from, count).Select(number => $"n{number}");
}

public sealed class RetentionGuardTestsOnSandbox(SandboxBroker broker) : RetentionGuardTests(broker);

public sealed class RetentionGuardTestsOnKafka(RealBroker broker) : RetentionGuardTests(broker);
