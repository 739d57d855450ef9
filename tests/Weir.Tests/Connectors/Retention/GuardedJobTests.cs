using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors.Retention;

/// <summary>A whole job whose checkpoints come so seldom that only the guard asks for one.</summary>
public abstract class GuardedJobTests(TestBroker broker)
{
    // As seldom as a transaction of 15 min allows, the most that brokers take by default.
    private static readonly TimeSpan Seldom = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task A_position_that_soon_expires_brings_a_checkpoint_by_itself_and_only_with_the_guard()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        await using var other = await KafkaScript.OnAsync(broker);
        var (input, output, otherOutput) = (await SoonExpiringAsync(kafka, minutesLeft: 10), await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        using var guarded = Job(kafka, input, output, interval: TimeSpan.FromMilliseconds(20));
        using var unguarded = Job(other, input, otherOutput, interval: TimeSpan.Zero);
        using var cancel = new CancellationTokenSource();
        unguarded.Cancel = cancel.Token;

        var without = unguarded.RunAsync();
        while (other.Written(otherOutput, 0).Count < 3 && !without.IsCompleted)
        {
            await Task.Yield();      // as soon as it has read all, it could have taken one
        }
        Assert.Equal(JobOutcome.Stopped, await guarded.RunAsync(until: 3));
        Assert.Empty(other.Committed(otherOutput, 0));
        await cancel.CancelAsync();
        Assert.Equal(JobOutcome.Cancelled, await without);

        var first = guarded.Checkpoints[^1];
        Assert.Equal((CheckpointMode.Unaligned, null), (first.Mode, first.TurnedAfter));
        string line = Assert.Single(Slacks(guarded));
        Assert.Contains($"{input}-0 is deleted in 9 min", line, StringComparison.Ordinal);
        Assert.Contains("a checkpoint is taken at once", line, StringComparison.Ordinal);
        Assert.Empty(Slacks(unguarded));
    }

    [Fact]
    public async Task A_position_that_expires_any_moment_degrades_the_job_in_one_line()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await SoonExpiringAsync(kafka, minutesLeft: 1), await kafka.TopicAsync(1));
        using var job = Job(kafka, input, output, interval: TimeSpan.FromMilliseconds(20));

        Assert.Equal(JobOutcome.Stopped, await job.RunAsync(until: 3));
        string line = Assert.Single(Slacks(job));
        Assert.Contains("health is degraded", line, StringComparison.Ordinal);
    }

    /// <summary>A topic that keeps an hour, and three records that are almost as old.</summary>
    private static async Task<string> SoonExpiringAsync(KafkaScript kafka, int minutesLeft)
    {
        string topic = await kafka.TopicAsync(1, ("retention.ms", "3600000"));
        kafka.Produce(topic, 0, ["one", "two", "three"], time: DateTimeOffset.UtcNow.AddMinutes(minutesLeft - 60));
        return topic;
    }

    private static IEnumerable<string> Slacks(JobScript job) => job.Warnings.Where(line => line.Contains("a restart would read next", StringComparison.OrdinalIgnoreCase));

    private static JobScript Job(KafkaScript kafka, string input, string output, TimeSpan interval) => new(kafka, input, output)
    {
        Interval = Seldom,
        Mode = CheckpointMode.Aligned,
        Source = new KafkaSourceOptions { RetentionCheckInterval = interval, UrgentSlack = TimeSpan.FromMinutes(20), DegradedSlack = TimeSpan.FromMinutes(5) },
    };
}

public sealed class GuardedJobTestsOnSandbox(SandboxBroker broker) : GuardedJobTests(broker);

public sealed class GuardedJobTestsOnKafka(RealBroker broker) : GuardedJobTests(broker);
