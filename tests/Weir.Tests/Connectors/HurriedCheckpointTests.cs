using Weir.Connectors.Kafka;
using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>What a job does when it is told that its last checkpoint's positions are not kept for long.</summary>
public sealed class HurriedCheckpointTests(SandboxBroker broker) : IDisposable
{
    private const int Records = 3000;

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-hurried-").FullName;
    private readonly SemaphoreSlim _committed = new(0);

    [Fact]
    public async Task An_aligned_one_under_way_turns_unaligned()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var first = await FirstAsync(kafka, TimeSpan.FromMilliseconds(50), written: 20);      // at ten a second, it has begun long before
        Assert.NotNull(first.TurnedAfter);
        Assert.True(first is { Mode: CheckpointMode.Unaligned, InFlightRecords: > 0 }, $"{first}");
    }

    [Fact]
    public async Task One_is_taken_long_before_the_interval_is_over_and_begins_unaligned()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var first = await FirstAsync(kafka, TimeSpan.FromMinutes(8), written: 1);
        Assert.True(first is { Mode: CheckpointMode.Unaligned, TurnedAfter: null, InFlightRecords: > 0 }, $"{first}");
    }

    public void Dispose()
    {
        _committed.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The first checkpoint of a job with aligned ones and queues that take minutes, which is told twice when it has written some records.</summary>
    private async Task<CheckpointReport> FirstAsync(KafkaScript kafka, TimeSpan interval, int written)
    {
        string input = await kafka.TopicAsync(1), output = await kafka.TopicAsync(1);
        kafka.Produce(input, 0, Enumerable.Range(0, Records).Select(number => $"n{number}"));
        var options = kafka.Options();
        options.Sources["in"] = new KafkaSourceOptions { Topic = input };
        options.Sinks["out"] = new KafkaSinkOptions { Topic = output };
        var connectors = new Overheard(new KafkaConnectorFactory(options));
        var settings = new JobSettings { Name = kafka.Job, CheckpointInterval = interval, CheckpointMode = CheckpointMode.Aligned };
        var runner = new JobRunner(new SlowCopyJob(), settings, new LocalStorage(_folder), connectors, new JobRunnerServices { Observer = new CommitSignal(_committed) });
        using var cancel = new CancellationTokenSource();
        var run = runner.RunAsync(CancellationToken.None, cancel.Token);
        while (runner.Status.RecordsOut < written && !run.IsCompleted)
        {
            await Task.Yield();
        }
        Assert.Empty(runner.Checkpoints);
        connectors.Tell(SlackLevel.Fine);
        connectors.Tell(SlackLevel.Urgent);
        connectors.Tell(SlackLevel.Degraded);
        Assert.Equal(SlackLevel.Degraded, runner.Status.Slack?.Level);
        await Task.WhenAny(run, _committed.WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken));
        await cancel.CancelAsync();
        Assert.Equal(JobOutcome.Cancelled, await run);
        return runner.Checkpoints[^1];
    }

    /// <summary>Ten records a second, behind a queue.</summary>
    private sealed class SlowCopyJob : IJob
    {
        public void Build(JobBuilder job) => job
            .FromKafka("in", CopiedMessages.Instance)
            .Rebalance()
            .Throttle(10)
            .ToKafka("out", CopiedMessages.Instance, (in message, partitions) => message.Partition % partitions);
    }

    /// <summary>Kafka's connectors, which a test speaks for.</summary>
    private sealed class Overheard(IConnectorFactory connectors) : IConnectorFactory
    {
        private ConnectorContext? _context;

        public IConnectors Open(ConnectorContext context) => connectors.Open(_context = context);

        public void Tell(SlackLevel level) => _context!.NoteSlack("in", new RestartSlack("in", "in-0", TimeSpan.FromMinutes(1), level));
    }
}
