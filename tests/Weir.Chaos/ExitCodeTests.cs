using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Weir.Tests.Doubles;

namespace Weir.Chaos;

/// <summary>How the real program ends, and what it says then. Code 6, with a broker that died, is also <see cref="OutageTests"/>'.</summary>
public sealed class ExitCodeTests(AnyBroker broker) : IDisposable
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-exit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Zero_is_stopped_by_a_signal_with_a_last_checkpoint()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        await using var life = Faulty();
        await life.Says("Job faulty starts for the first time").WaitAsync(s_hang, TestContext.Current.CancellationToken);
        life.Terminate();
        await EndsAsync(life, 0, "Job faulty has ended: Stopped");
    }

    [Fact]
    public async Task Two_is_settings_that_do_not_fit()
    {
        await using var life = Faulty("--Weir:Jobs:faulty:Paralelism=2");
        await EndsAsync(life, 2, "Weir:Jobs:faulty:Paralelism is not a setting");
    }

    [Fact]
    public async Task Three_is_a_broker_that_does_not_answer()
    {
        await using var life = WeirProcess.StartHost(new LedgerTopics("127.0.0.1:1", "in", "out", 1, 1), _folder, "--Weir:Kafka:StartupTimeout=1s");
        await EndsAsync(life, 3, "No broker of 127.0.0.1:1");
    }

    [Fact]
    public async Task Four_is_records_that_are_gone_and_five_one_that_can_not_be_read()
    {
        var topics = new LedgerTopics(await broker.BootstrapAsync(), "exit-in", "exit-out", records: 400, accounts: 10);
        await topics.FeedAsync();
        await using (var whole = Host("--Weir:Jobs:ledger:Sources:in:End=Current"))
        {
            await EndsAsync(whole, 0, "Job ledger has ended: Finished");
        }
        using (var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = topics.Bootstrap }).Build())
        {
            await producer.ProduceAsync(new TopicPartition(topics.Input, 0), new Message<byte[], byte[]> { Key = [1], Value = [1] }, TestContext.Current.CancellationToken);
        }
        await using (var unreadable = Host())
        {
            await EndsAsync(unreadable, 5, "exit code 5");
        }
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = topics.Bootstrap }).Build())
        {
            await admin.DeleteRecordsAsync([new TopicPartitionOffset(topics.Input, 0, Offset.End)]);
        }
        await using var lost = Host();
        await EndsAsync(lost, 4, "are gone");

        WeirProcess Host(params string[] more) => WeirProcess.StartHost(topics, _folder, more);
    }

    [Fact]
    public async Task Five_is_also_an_operator_that_fails_again_and_again_at_the_same_record()
    {
        await using var life = Faulty("--Fault:Kind=Throw", "--Weir:Jobs:faulty:Restart:InitialDelay=10ms", "--Weir:Jobs:faulty:Restart:SameCauseMax=3");
        await EndsAsync(life, 5, "Entry 100000 is refused. Given up: the same failure came 3 times within 10 min");
    }

    [Fact]
    public async Task Six_is_a_stop_that_an_operator_does_not_let_happen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        await using var life = WeirProcess.StartFaulty(_folder, ["--Fault:Kind=Hang", "--Weir:StopTimeout=1s"], new() { ["DOTNET_shutdownTimeoutSeconds"] = "2" });
        await life.Says("hangs").WaitAsync(s_hang, TestContext.Current.CancellationToken);
        life.Terminate();
        await EndsAsync(life, 6, "Job faulty does not end: generator -> faulty -> throttle-1 -> tally #0 has been at one record for");
    }

    [Fact]
    public async Task Seven_is_a_job_that_another_process_runs()
    {
        await using var first = Faulty();
        await first.Says("Job faulty starts for the first time").WaitAsync(s_hang, TestContext.Current.CancellationToken);
        await using var second = Faulty("--Weir:Jobs:faulty:Restart:MaxFences=1");
        await EndsAsync(second, 7, "another process runs this job");
    }

    private static async Task EndsAsync(WeirProcess life, int code, string text)
    {
        int was = await life.ExitCodeAsync(s_hang);
        TestContext.Current.TestOutputHelper?.WriteLine($"{was}: {life.Errors.Split('\n').LastOrDefault(line => line.Contains(text, StringComparison.Ordinal))}");
        Assert.True(was == code && life.Errors.Contains(text, StringComparison.Ordinal), $"exit code {was} instead of {code} and '{text}': {life.Errors}");
    }

    private WeirProcess Faulty(params string[] more) => WeirProcess.StartFaulty(_folder, more);
}
