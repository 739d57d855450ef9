using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Weir.Connectors.Kafka;
using Weir.Hosting;
using Weir.Jobs;
using Weir.Runtime;
using Weir.Sandbox.Hosting;

namespace Weir.Demos;

/// <summary>Broker and input stay while a process with the ledger is killed and started again; then what it wrote is compared with what it read.</summary>
internal sealed class CrashDemo(SandboxBroker broker, ILogger<CrashDemo> logger)
{
    private const int Kills = 5;
    private const int Partitions = 4;
    private const int CheckpointsBeforeKill = 3;
    private const int Seed = 7;

    // The input comes faster than the sinks take it, so that checkpoints hold records in flight; the last life takes all.
    private const double InputPerSecond = 10_000;
    private const double SinkPerSecond = 1_000;
    private const double LastSinkPerSecond = 1_000_000;

    private static readonly TimeSpan s_killWithin = TimeSpan.FromSeconds(1);

    /// <summary>Runs it.</summary>
    /// <returns>The program's exit code: 0 where nothing was lost, doubled or wrong.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var (bootstrap, folder) = broker.Start(port: 0);
        var kafka = new KafkaOptions { BootstrapServers = bootstrap };
        var all = new Dictionary<string, string> { ["retention.bytes"] = "-1" };
        await SampleTopics.CreateAsync(kafka, [(LedgerSample.Input, Partitions), (LedgerSample.Output, Partitions)], all);

        using var input = new FeedWriter(
            new TopicFeed<LedgerEntry>(LedgerSample.Input, LedgerMessages.Instance, number => LedgerSample.Booking(number, Now())) { PerSecond = InputPerSecond, Partitions = Partitions },
            new ClientConfig { BootstrapServers = bootstrap });
        using var inputEnds = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = Task.Run(() => input.RunAsync(() => double.MaxValue, inputEnds.Token), CancellationToken.None);
        var chance = new Random(Seed);
        long inFlight = 0;
        int restores = 0;
        for (int life = 1; life <= Kills; life++)
        {
            using var job = JobLife.Start(bootstrap, folder, SinkPerSecond);
            Count(life, await job.BegunAsync(cancellation), ref restores, ref inFlight);
            long checkpoint = await job.CheckpointsAsync(CheckpointsBeforeKill, cancellation);
            await Task.Delay(s_killWithin * chance.NextDouble(), cancellation);
            logger.LifeKilled(life, checkpoint, input.Records);
            job.Kill();
        }

        await inputEnds.CancelAsync();
        await writing;
        input.Flush();
        logger.InputEnds(input.Records);
        using var last = JobLife.Start(bootstrap, folder, LastSinkPerSecond);
        Count(Kills + 1, await last.BegunAsync(cancellation), ref restores, ref inFlight);
        var output = new OutputCheck(bootstrap, Partitions, input.Records);
        await output.ReadAllAsync(last.Ended, cancellation);
        last.Kill();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Kills} kills, {restores} restores with {inFlight:N0} records in flight: in {input.Records:N0}, out {output.Records:N0}, lost {output.Lost:N0}, doubled {output.Doubled:N0}, wrong balances {output.Wrong:N0}"));
        return output.IsRight ? ExitCode.Success : ExitCode.JobFailed;
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private void Count(int life, LifeBegin begin, ref int restores, ref long inFlight)
    {
        if (begin.Checkpoint is { } checkpoint)
        {
            restores++;
            inFlight += begin.InFlightRecords;
            logger.LifeRestored(life, checkpoint, begin.InFlightRecords);
        }
        else
        {
            logger.LifeBegan(life);
        }
    }
}
