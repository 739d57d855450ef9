using Confluent.Kafka;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>Two sink subtasks of one transaction, one of which stands still for five seconds with the barrier before it.</summary>
public abstract class SkewedSinksTests(TestBroker broker)
{
    private const string Slow = "a";
    private const int Half = 2000;
    private static readonly string[] Keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CheckpointMode.Aligned)]
    [InlineData(CheckpointMode.Unaligned)]
    public async Task Nothing_is_visible_before_both_have_switched_and_order_and_number_are_right(CheckpointMode mode)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var seen = await RunAsync(kafka, new JobSettings { Name = kafka.Job, Parallelism = 2, CheckpointInterval = TimeSpan.FromMilliseconds(100), CheckpointMode = mode });
        Assert.Contains(seen.Completed, report => report.Duration > Skew / 2);
        Assert.Empty(seen.GivenUp);
    }

    [Fact]
    public async Task A_checkpoint_given_up_before_the_switch_leaves_its_records_to_the_next()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var seen = await RunAsync(kafka, new JobSettings
        {
            Name = kafka.Job,
            Parallelism = 2,
            CheckpointInterval = TimeSpan.FromMilliseconds(100),
            CheckpointTimeout = Skew / 4,
            CheckpointMode = CheckpointMode.Aligned,
        });
        Assert.NotEmpty(seen.GivenUp);
    }

    [Fact]
    public async Task A_checkpoint_whose_storage_fails_after_the_switch_is_stored_again_and_not_given_up()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var seen = await RunAsync(
            kafka,
            new JobSettings { Name = kafka.Job, Parallelism = 2, CheckpointInterval = TimeSpan.FromMilliseconds(100) },
            metadataFailures: 5);
        Assert.Equal(5, seen.StorageFailures);
        Assert.Empty(seen.GivenUp);
        Assert.Equal(0, seen.Restarts);
    }

    /// <summary>Feeds half before the skew and half during it, stops when all is committed, and checks every commit on the way.</summary>
    private static async Task<Observer> RunAsync(KafkaScript kafka, JobSettings settings, int metadataFailures = 0)
    {
        var (input, output) = (await kafka.TopicAsync(2), await kafka.TopicAsync(2));
        Feed(kafka, input, 0);
        var options = kafka.Options();
        options.Sources["in"] = new KafkaSourceOptions { Topic = input };
        options.Sinks["out"] = new KafkaSinkOptions { Topic = output };
        string folder = Directory.CreateTempSubdirectory("weir-skew-").FullName;
        try
        {
            var job = new SkewedJob();
            var storage = new FailingStorage(new LocalStorage(folder), metadataFailures);
            var observer = new Observer(kafka, input, output, exact: settings.CheckpointMode == CheckpointMode.Aligned);
            using var stop = new CancellationTokenSource();
            var runner = new JobRunner(job, settings, storage, new KafkaConnectorFactory(options), new JobRunnerServices { Observer = observer });
            var run = runner.RunAsync(stop.Token, Now);
            await job.Holds.Task.WaitAsync(KafkaScript.Hang, Now);
            Feed(kafka, input, Half);
            await observer.All.Task.WaitAsync(KafkaScript.Hang, Now);
            await stop.CancelAsync();
            Assert.Equal(JobOutcome.Stopped, await run.WaitAsync(KafkaScript.Hang, Now));
            observer.StorageFailures = storage.Failures;
            observer.Restarts = runner.Status.Restarts;
            observer.Check(2 * Half);
            return observer;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Feed(KafkaScript kafka, string topic, int from)
    {
        for (int partition = 0; partition < 2; partition++)
        {
            int parity = partition;
            kafka.Produce(topic, partition, Enumerable.Range(from, Half).Where(number => number % 2 == parity).Select(number => $"{Keys[number % Keys.Length]}:{number}"));
        }
    }

    /// <summary>A copy by key; one record of one key takes its subtask five seconds.</summary>
    private sealed class SkewedJob : IJob
    {
        public TaskCompletionSource Holds { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Build(JobBuilder job) => job
            .FromKafka("in", new TextMessages())
            .KeyBy(static record => record.Split(':')[0])
            .Map(record =>
            {
                if (record.StartsWith(Slow, StringComparison.Ordinal) && Holds.TrySetResult())
                {
                    Thread.Sleep(Skew);      // what a user's call to a service that hangs does
                }
                return record;
            })
            .ToKafka("out", new TextMessages(), static (in record, partitions) => record[0] % partitions);
    }

    /// <summary>Reads at each commit what others see then.</summary>
    private sealed class Observer(KafkaScript kafka, string input, string output, bool exact) : IJobObserver
    {
        public List<CheckpointReport> Completed { get; } = [];

        public List<string> GivenUp { get; } = [];

        public int StorageFailures { get; set; }

        public int Restarts { get; set; }

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void CheckpointCompleted(CheckpointReport report)
        {
            Completed.Add(report);
            try
            {
                // The control thread waits here, so no later checkpoint commits meanwhile.
                int visible = Check();
                long taken = Taken();
                Assert.True(exact ? visible == taken : visible <= taken, $"{visible} records are visible of the {taken} that were taken");
                if (visible == 2 * Half)
                {
                    All.TrySetResult();
                }
            }
            catch (Exception failure)
            {
                All.TrySetException(failure);
            }
        }

        public void CheckpointFailed(long checkpoint, TimeSpan age, string verdict) => GivenUp.Add(verdict);

        public void Check(int records) => Assert.Equal(records, Check());

        /// <summary>Each key's visible records are the first ones it has, once each and in their order.</summary>
        private int Check()
        {
            var visible = Enumerable.Range(0, 2).SelectMany(partition => kafka.Committed(output, partition)).Select(static record => record.Split(':')).ToList();
            foreach (var key in visible.GroupBy(static record => record[0], static record => int.Parse(record[1], null)))
            {
                Assert.Equal(Enumerable.Range(0, 2 * Half).Where(number => Keys[number % Keys.Length] == key.Key).Take(key.Count()), key);
            }
            return visible.Count;
        }

        private long Taken()
        {
            using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = kafka.Bootstrap, GroupId = $"weir.{kafka.Job}", EnableAutoCommit = false }).Build();
            return consumer.Committed([new(input, 0), new(input, 1)], KafkaScript.Hang).Sum(static position => Math.Max(0, position.Offset.Value));
        }
    }

    /// <summary>A store that refuses the file which is written after the switch, a number of times.</summary>
    private sealed class FailingStorage(ICheckpointStorage inner, int failures) : ICheckpointStorage
    {
        public int Failures { get; private set; }

        public string Location => inner.Location;

        public ValueTask<ICheckpointFile> CreateAsync(string name, CancellationToken cancellation) => inner.CreateAsync(name, cancellation);

        public ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancellation)
        {
            if (name.EndsWith("_metadata", StringComparison.Ordinal) && Failures < failures)
            {
                Failures++;
                throw new CheckpointStorageException(StorageFailure.Unavailable, name, $"{name}: the disk does not answer.");
            }
            return inner.WriteAsync(name, content, replace, cancellation);
        }

        public ValueTask<long?> LengthAsync(string name, CancellationToken cancellation) => inner.LengthAsync(name, cancellation);

        public ValueTask<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation) => inner.ReadAsync(name, offset, length, cancellation);

        public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation) => inner.ListAsync(folder, cancellation);

        public ValueTask<StoreSurvey> SurveyAsync(string folder, CancellationToken cancellation) => inner.SurveyAsync(folder, cancellation);

        public ValueTask DeleteFolderAsync(string folder, CancellationToken cancellation) => inner.DeleteFolderAsync(folder, cancellation);

        public ValueTask<IJobLock> LockAsync(string job, int slot, Action<CheckpointStorageException> lost, CancellationToken cancellation) => inner.LockAsync(job, slot, lost, cancellation);
    }
}

public sealed class SkewedSinksTestsOnSandbox(SandboxBroker broker) : SkewedSinksTests(broker);

public sealed class SkewedSinksTestsOnKafka(RealBroker broker) : SkewedSinksTests(broker);
