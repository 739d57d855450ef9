using Confluent.Kafka;
using Weir.Connectors.Kafka.Sink;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>What becomes of a job whose group's offsets brokers forget.</summary>
public abstract class ForgottenOffsetsTests(TestBroker broker)
{
    [Fact]
    public async Task A_restart_without_them_loses_nothing_and_repeats_nothing()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, ["one", "two"]);
        using var job = new JobScript(kafka, input, output);
        Assert.Equal(JobOutcome.Stopped, await job.RunAsync(until: 2));
        Assert.NotNull(kafka.GroupOffset(Group(kafka), input, 0));

        await kafka.Admin.DeleteGroupsAsync([Group(kafka)]);
        Assert.Null(kafka.GroupOffset(Group(kafka), input, 0));
        kafka.Produce(input, 0, ["three"]);

        Assert.Equal(JobOutcome.Stopped, await job.RunAsync(until: 3));
        Assert.Equal(["one", "two", "three"], kafka.Committed(output, 0));
        Assert.Contains(job.Warnings, line => line.Contains("has no committed offset for 1 of the 1 partitions", StringComparison.Ordinal));
        Assert.NotNull(kafka.GroupOffset(Group(kafka), input, 0));
    }

    [Fact]
    public async Task A_job_that_has_nothing_to_do_commits_them_again_when_they_are_an_hour_old()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(2), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, ["one"]);
        var time = new LeapingTime();
        using var cancel = new CancellationTokenSource();
        using var job = new JobScript(kafka, input, output) { Time = time, Cancel = cancel.Token };
        var run = job.RunAsync();
        while (kafka.Committed(output, 0).Count == 0 && !run.IsCompleted)
        {
            await Task.Yield();
        }
        await kafka.Admin.DeleteGroupsAsync([Group(kafka)]);

        while (kafka.GroupOffset(Group(kafka), input, 1) is null && !run.IsCompleted)
        {
            time.Leap(TimeSpan.FromMinutes(61));      // again, should a checkpoint have been under way
        }

        Assert.NotNull(kafka.GroupOffset(Group(kafka), input, 0));
        Assert.NotNull(kafka.GroupOffset(Group(kafka), input, 1));
        await cancel.CancelAsync();
        Assert.Equal(JobOutcome.Cancelled, await run);
    }

    private static string Group(KafkaScript kafka) => $"weir.{kafka.Job}";

    /// <summary>The system's clock, put forward: timers that wait do not notice.</summary>
    private sealed class LeapingTime : TimeProvider
    {
        private long _leapt;

        public void Leap(TimeSpan time) => Interlocked.Add(ref _leapt, (long)(time.TotalSeconds * TimestampFrequency));

        public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _leapt);
    }
}

public sealed class ForgottenOffsetsTestsOnSandbox(SandboxBroker broker) : ForgottenOffsetsTests(broker);

public sealed class ForgottenOffsetsTestsOnKafka(RealBroker broker) : ForgottenOffsetsTests(broker);

public sealed class GroupOffsetsAgeTests
{
    [Theory]
    [InlineData(null, 60)]
    [InlineData("10080", 60)]
    [InlineData("-1", 60)]
    [InlineData("30", 10)]
    [InlineData("3", 1)]
    public void They_are_committed_three_times_in_their_life_and_once_an_hour(string? minutes, int after)
    {
        var time = new ManualClock();
        var age = new GroupOffsetsAge(time);
        age.Take(minutes is null ? [] : new Dictionary<string, string> { [GroupOffsetsAge.Setting] = minutes });

        time.Pass(TimeSpan.FromMinutes(after) - TimeSpan.FromSeconds(1));
        Assert.False(age.IsDue);
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.True(age.IsDue);
        age.Committed();
        Assert.False(age.IsDue);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("-1", null)]
    [InlineData("10080", 10_070)]
    [InlineData("30", 20)]
    public void What_is_left_of_their_life_is_known_where_brokers_say_how_long_it_is(string? minutes, int? left)
    {
        var time = new ManualClock();
        var age = new GroupOffsetsAge(time);
        age.Take(minutes is null ? [] : new Dictionary<string, string> { [GroupOffsetsAge.Setting] = minutes });

        time.Pass(TimeSpan.FromMinutes(10));

        Assert.Equal(left, age.Left?.TotalMinutes);
    }
}

/// <summary>A real Kafka that keeps a group's offsets for a minute, the least that it takes.</summary>
public sealed class ExpiringOffsetsTests
{
    /// <summary>A minute, and as much for the broker to look.</summary>
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_job_that_has_nothing_to_do_keeps_its_offsets_while_those_of_others_expire()
    {
        KafkaFolderBroker broker;
        try
        {
            broker = await KafkaFolderBroker.StartOwnAsync(new BrokerWishes { Settings = ["offsets.retention.minutes=1", "offsets.retention.check.interval.ms=500"] });
        }
        catch (NoBrokerException none)
        {
            Assert.Skip($"A broker whose settings are the test's is needed: {none.Message}");
            return;
        }
        await using var _ = broker;
        await using var kafka = KafkaScript.At(broker.Bootstrap);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, ["one"]);
        using var cancel = new CancellationTokenSource();
        using var job = new JobScript(kafka, input, output) { Interval = TimeSpan.FromSeconds(1), Cancel = cancel.Token, Hang = s_hang };
        var run = job.RunAsync();
        while (kafka.Committed(output, 0).Count == 0 && !run.IsCompleted)
        {
            await Task.Yield();
        }
        // Committed later than the job's last commit of something new, so that they outlive it.
        using (var other = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = broker.Bootstrap, GroupId = "other" }).Build())
        {
            other.Commit([new TopicPartitionOffset(input, 0, 1)]);
        }

        while (kafka.GroupOffset("other", input, 0) is not null && !run.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }

        Assert.False(run.IsCompleted);
        Assert.Equal(1, kafka.GroupOffset($"weir.{kafka.Job}", input, 0));
        Assert.InRange(Assert.Single(MeterEar.Look(kafka.Job, WeirInstruments.SourceOffsetExpiryHeadroom)).Value, 1, 60);
        await cancel.CancelAsync();
        Assert.Equal(JobOutcome.Cancelled, await run);
    }
}
