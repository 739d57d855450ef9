using System.Buffers.Binary;
using Confluent.Kafka;
using Weir.Connectors.Kafka;
using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>A whole job on a real broker, checkpoints included, and the garbage it makes.</summary>
public sealed class JobAllocationTests(SandboxBroker broker)
{
    private const int Pass = 200_000;

    /// <summary>The first one compiles and loads types; what a record allocates is in each.</summary>
    private const int Passes = 3;

    /// <summary>The buffers that hold records back at a switch grow to their bound by chance, each time in one Step. A pass has 200 Steps at least, so what a record allocates stays.</summary>
    private const int Growths = 64;
    private const int Accounts = 10_000;
    private const int Partitions = 4;

    /// <summary>The promise of docs/design.md: less than a megabyte in a million records.</summary>
    private const double BytesPerRecordMax = 1;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_copy_allocates_nothing_per_record() => HoldsAsync(new CopyJob());

    [Fact]
    public Task A_ledger_allocates_nothing_per_record() => HoldsAsync(new LedgerJob());

    private async Task HoldsAsync(IJob job)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(Partitions), await kafka.TopicAsync(Partitions));
        var options = kafka.Options();
        options.Sources["in"] = new KafkaSourceOptions { Topic = input };
        options.Sinks["out"] = new KafkaSinkOptions { Topic = output };
        string folder = Directory.CreateTempSubdirectory("weir-allocation-").FullName;
        try
        {
            using var executor = new CountingExecutor();
            using var committed = new SemaphoreSlim(0);
            using var stop = new CancellationTokenSource();
            var settings = new JobSettings { Name = kafka.Job, Parallelism = 2, CheckpointInterval = TimeSpan.FromMilliseconds(500) };
            var runner = new JobRunner(
                job, settings, new LocalStorage(folder), new KafkaConnectorFactory(options), new JobRunnerServices { Executor = executor, Observer = new CommitSignal(committed) });
            var run = runner.RunAsync(stop.Token, Now);
            var allocated = new List<long>();
            while (allocated.Count < Passes && !allocated.Exists(static bytes => bytes <= Pass * BytesPerRecordMax))
            {
                executor.Reset();
                await PassAsync(allocated.Count * Pass);
                allocated.Add(executor.AllocatedBut(Growths));
            }
            await stop.CancelAsync();
            Assert.Equal(JobOutcome.Stopped, await run.WaitAsync(KafkaScript.Hang, Now));
            TestContext.Current.TestOutputHelper?.WriteLine($"bytes for {Pass} records, pass by pass: {string.Join(", ", allocated)}");
            Assert.InRange(allocated.Min(), 0, Pass * BytesPerRecordMax);

            async Task PassAsync(int from)
            {
                Feed(kafka, input, from);
                while (runner.Status.RecordsOut < from + Pass)
                {
                    Assert.False(run.IsCompleted, $"{runner.Status}");
                    Assert.True(await committed.WaitAsync(KafkaScript.Hang, Now), $"{runner.Status}");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Feed(KafkaScript kafka, string topic, int from)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = kafka.Bootstrap,
            LingerMs = 5,
            QueueBufferingMaxMessages = Pass,
            EnableDeliveryReports = false,
        }).Build();
        for (int seq = from; seq < from + Pass; seq++)
        {
            byte[] key = new byte[8];
            byte[] value = new byte[100];
            BinaryPrimitives.WriteInt64BigEndian(key, seq % Accounts);
            BinaryPrimitives.WriteInt64BigEndian(value, seq);
            producer.Produce(new TopicPartition(topic, seq % Accounts % Partitions), new Message<byte[], byte[]> { Key = key, Value = value });
        }
        producer.Flush(KafkaScript.Hang);
    }
}
