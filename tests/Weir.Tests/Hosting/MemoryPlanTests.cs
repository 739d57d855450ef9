using Weir.Connectors.Kafka;
using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

/// <summary>How the one memory number is divided.</summary>
public sealed class MemoryPlanTests
{
    private const long MiB = 1L << 20;

    private static readonly JobMemory s_small = Job(channelBytes: 2 * MiB, readers: 2);

    [Theory, InlineData(192), InlineData(256), InlineData(512), InlineData(16_384)]
    public void The_parts_are_all_of_it(int mebibytes)
    {
        var plan = MemoryPlan.Of(mebibytes * MiB, isSet: true, [s_small]);

        long[] parts = [plan.Channels, plan.InFlight, plan.Overflow, plan.Checkpoints, plan.Kafka, plan.State];
        Assert.Equal(plan.Total, parts.Sum());
        Assert.All(parts, part => Assert.InRange(part, MiB, plan.Total));
        Assert.InRange(plan.State, plan.Total / 8, plan.Total);
    }

    [Fact]
    public void Where_there_is_much_nothing_is_less_than_without_a_bound()
    {
        var plan = MemoryPlan.Of(16_384 * MiB, isSet: true, [s_small]);
        var budget = new MemoryBudget();
        var kafka = new KafkaOptions();
        plan.Apply(budget, kafka);

        Assert.Equal(KafkaOptions.PrefetchBytesDefault, kafka.PrefetchBytesMax);
        Assert.InRange(budget.InFlightBytesMax, s_small.Settings.MaxInFlightBytes, long.MaxValue);
        Assert.InRange(budget.OverflowBytesMax, s_small.Settings.MaxOverflowBytes, long.MaxValue);
        Assert.InRange(budget.StateBytesMax, 10_000 * MiB, 16_384 * MiB);
    }

    [Fact]
    public void Where_it_is_short_readers_queue_less_and_jobs_share()
    {
        var two = MemoryPlan.Of(384 * MiB, isSet: true, [Job(2 * MiB, readers: 8), s_small]);
        var budget = new MemoryBudget();
        var kafka = new KafkaOptions();
        two.Apply(budget, kafka);

        Assert.InRange(kafka.PrefetchBytesMax, 256 << 10, 2 * MiB);
        Assert.Equal(384 * MiB / 16, budget.InFlightBytesMax);
        Assert.Equal(384 * MiB / 32, budget.OverflowBytesMax);
        Assert.Equal(2 * budget.InFlightBytesMax, two.InFlight);
    }

    [Fact]
    public void What_is_too_little_is_refused_with_what_takes_it_and_with_what_would_do()
    {
        var wide = Job(channelBytes: 300 * MiB, readers: 8);
        var refused = Assert.Throws<JobException>(() => MemoryPlan.Of(256 * MiB, isSet: true, [wide]));

        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.StartsWith("Weir:Memory is 256 MiB, which is too little: channels have 300 MiB", refused.Message, StringComparison.Ordinal);
        int least = int.Parse(refused.Message.Split("at least ")[1].Split(' ')[0], null);
        Assert.NotNull(MemoryPlan.Of(least * MiB, isSet: true, [wide]));
        Assert.Throws<JobException>(() => MemoryPlan.Of((least - 16) * MiB, isSet: true, [wide]));
    }

    [Fact]
    public void Where_nobody_set_it_the_machine_is_named()
    {
        var refused = Assert.Throws<JobException>(() => MemoryPlan.Of(48 * MiB, isSet: false, [s_small]));

        Assert.StartsWith("This machine or container has 48 MiB for Weir (Weir:Memory is not set)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Readers_queue_what_is_left_for_them_unless_the_operator_says_otherwise()
    {
        Assert.Equal(("512", "262144"), Queue(new KafkaOptions { BootstrapServers = "b:9092", PrefetchBytesMax = 512 << 10 }));
        Assert.Equal(("8192", "2097152"), Queue(new KafkaOptions { BootstrapServers = "b:9092", Client = { ["QueuedMaxMessagesKbytes"] = "8192" } }));
        Assert.Equal(("4096", "2097152"), Queue(new KafkaOptions { BootstrapServers = "b:9092", Client = { ["message.max.bytes"] = "5000000" } }));

        static (string Queue, string Fetch) Queue(KafkaOptions options)
        {
            var settings = KafkaSettings.Consumer(options, "client", "group", reportEnds: false);
            return (settings["queued.max.messages.kbytes"], settings["fetch.max.bytes"]);
        }
    }

    private static JobMemory Job(long channelBytes, int readers) => new(new JobMemoryNeeds(channelBytes, readers, 0, HasTransactions: true), new JobSettings { Name = "job" });
}
