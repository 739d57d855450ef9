using System.Text;
using Confluent.Kafka;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>A job under back-pressure that is killed twenty times, each time as soon as it has a checkpoint, long before it has read what it restored.</summary>
public abstract class RecoveryLoopTests(TestBroker broker) : IDisposable
{
    private const int Rounds = 20;
    private const int Partitions = 4;
    private const int RecordsPerPartition = 1500;
    private const int Keys = 40;
    private const int Retained = 2;

    /// <summary>Of about 1500 that four sources can have in flight: all of them have some.</summary>
    private const int InFlightAtFirst = 1200;

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-loop-").FullName;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_life_takes_a_checkpoint_and_none_costs_more_than_the_one_before()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(Partitions), await kafka.TopicAsync(1));
        for (int partition = 0; partition < Partitions; partition++)
        {
            int first = partition;
            kafka.Produce(input, partition, Enumerable.Range(0, RecordsPerPartition).Select(number => Record((number * Partitions) + first)));
        }
        var rounds = new List<Round>();
        for (int round = 0; round <= Rounds; round++)
        {
            using var kill = CancellationTokenSource.CreateLinkedTokenSource(Now);
            var observer = new Observer(kill, inFlight: round == 0 ? InFlightAtFirst : 0);
            Assert.Equal(JobOutcome.Cancelled, await RunAsync(kafka, input, output, recordsPerSecond: 1, observer, kill.Token));
            rounds.Add(new Round(observer.Restored, observer.Last!, Taken(kafka, input), kafka.Committed(output, 0).Count, CheckpointPaths.CheckpointFoldersOf(Files()).Count));
        }
        TestContext.Current.TestOutputHelper?.WriteLine(Table(rounds));
        Check(rounds);
        Assert.Equal(JobOutcome.Finished, await RunAsync(kafka, input, output, recordsPerSecond: 1e9, new Observer(), Now));
        var read = kafka.Committed(output, 0);
        Assert.Equal(Partitions * RecordsPerPartition, read.Count);
        Assert.All(
            read.Select(NumberOf).GroupBy(number => number % Keys),
            key => Assert.Equal(Enumerable.Range(0, Partitions * RecordsPerPartition).Where(number => number % Keys == key.Key), key));
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static void Check(List<Round> rounds)
    {
        foreach (var (before, now) in rounds.Zip(rounds.Skip(1)))
        {
            Assert.Equal(before.Last.Id, now.Restored);
            Assert.True(now.Last.Id > before.Last.Id);
            Assert.True(now.Taken >= before.Taken && now.Visible >= before.Visible, $"{before}, then {now}");
            Assert.True(now.Last.ReferencedBytes > 0, $"{now}");
        }
        Assert.True(rounds[^1].Taken + rounds[^1].Visible > rounds[0].Taken + rounds[0].Visible);
        var early = rounds.Skip(1).Take(Rounds / 2).ToList();
        var late = rounds.Skip(1 + (Rounds / 2)).ToList();
        Assert.InRange(late.Max(round => round.Last.InFlightBytes), 0, early.Max(round => round.Last.InFlightBytes) * 5 / 4);
        Assert.InRange(late.Max(round => round.Last.InFlightRecords), 0, early.Max(round => round.Last.InFlightRecords) * 5 / 4);
        // Those that are kept, those that one may need beside them, and what the last kill left.
        Assert.InRange(rounds.Max(round => round.Folders), 1, Retained + new JobSettings { Name = "" }.ReferencedFoldersMax + 1);
    }

    private static string Table(List<Round> rounds)
    {
        var text = new StringBuilder("round restored checkpoint taken visible in-flight written-KiB referenced-KiB folders\n");
        foreach (var (number, round) in rounds.Index())
        {
            text.AppendLine(
                null,
                $"{number,5} {round.Restored,8} {round.Last.Id,10} {round.Taken,5} {round.Visible,7} {round.Last.InFlightRecords,9} {round.Last.InFlightBytes >> 10,11} {round.Last.ReferencedBytes >> 10,14} {round.Folders,7}");
        }
        return text.ToString();
    }

    private static string Record(int number) => $"{number}:{new string('x', 1000)}";

    private static int NumberOf(string record) => int.Parse(record.AsSpan(0, record.IndexOf(':', StringComparison.Ordinal)), null);

    private static long Taken(KafkaScript kafka, string input)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = kafka.Bootstrap, GroupId = $"weir.{kafka.Job}", EnableAutoCommit = false }).Build();
        return consumer.Committed(Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(input, partition)), KafkaScript.Hang).Sum(static position => Math.Max(0, position.Offset.Value));
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file).Replace('\\', '/'));

    private async Task<JobOutcome> RunAsync(KafkaScript kafka, string input, string output, double recordsPerSecond, Observer observer, CancellationToken kill)
    {
        var options = kafka.Options();
        options.Sources["in"] = new KafkaSourceOptions { Topic = input, End = SourceEnd.Current };
        options.Sinks["out"] = new KafkaSinkOptions { Topic = output };
        var settings = new JobSettings
        {
            Name = kafka.Job,
            Parallelism = 2,
            CheckpointInterval = TimeSpan.FromMilliseconds(100),
            AlignedCheckpointTimeout = TimeSpan.Zero,
            RetainedCheckpoints = Retained,
        };
        return await new JobRunner(new SlowCopy(recordsPerSecond), settings, new LocalStorage(_folder), new KafkaConnectorFactory(options), new JobRunnerServices { Observer = observer })
            .RunAsync(CancellationToken.None, kill).WaitAsync(KafkaScript.Hang, Now);
    }

    /// <summary>A copy by key, whose sinks take as many records a second.</summary>
    private sealed class SlowCopy(double recordsPerSecond) : IJob
    {
        public void Build(JobBuilder job) => job
            .FromKafka("in", new TextMessages()).WithParallelism(Partitions)
            .KeyBy(static record => NumberOf(record) % Keys)
            .Map(static record => record)
            .Throttle(recordsPerSecond)
            .ToKafka("out", new TextMessages());
    }

    /// <summary>Kills at the first checkpoint that has so much in flight, and notes it.</summary>
    private sealed class Observer(CancellationTokenSource? kill = null, long inFlight = 0) : IJobObserver
    {
        public long? Restored { get; private set; }

        /// <summary>The last one that counts.</summary>
        public CheckpointReport? Last { get; private set; }

        public void Started(long? restored, long inFlightRecords) => Restored = restored;

        public void CheckpointCompleted(CheckpointReport report)
        {
            Last = report;
            if (report.InFlightRecords >= inFlight)
            {
                kill?.Cancel();
            }
        }
    }

    private sealed record Round(long? Restored, CheckpointReport Last, long Taken, int Visible, int Folders);
}

public sealed class RecoveryLoopTestsOnSandbox(SandboxBroker broker) : RecoveryLoopTests(broker);

public sealed class RecoveryLoopTestsOnKafka(RealBroker broker) : RecoveryLoopTests(broker);
