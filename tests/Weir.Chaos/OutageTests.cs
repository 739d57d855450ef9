using Weir.Tests.Doubles;

namespace Weir.Chaos;

/// <summary>What becomes of a job whose only broker dies under it; on a broker of its own, since others must not notice.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private const int Records = 60_000;
    private const int Accounts = 1_000;
    private const double Throttled = 500;
    private const double Free = 1e9;

    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-outage-").FullName;
    private KafkaFolderBroker? _broker;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _broker = await KafkaFolderBroker.StartOwnAsync();
        }
        catch (NoBrokerException none)
        {
            Assert.Skip($"A broker that may be killed is needed: {none.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_job_waits_for_its_broker_and_goes_on_and_a_stop_waits_no_longer_than_it_may()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        var topics = new LedgerTopics(_broker!.Bootstrap, "in", "out", Records, Accounts);
        await topics.FeedAsync();
        await using (var life = WeirProcess.StartLedger(topics, _folder, Throttled))
        {
            Assert.True(life.Await("checkpoint", s_hang), life.Errors);
            _broker.Kill();
            await SaysAsync(life, "No broker of");
            await _broker.RestartAsync();
            Assert.True(life.Await("checkpoint", s_hang), life.Errors);
            life.Terminate();
            Assert.Equal(0, await life.ExitCodeAsync(s_hang));
        }
        await FinishAsync(topics);
        Assert.Equal("missing 0, duplicates 0, reordered 0, wrong balance 0, corrupt 0, wrong letters 0", topics.Audit().ToString());

        await using var host = WeirProcess.StartHost(topics, Path.Combine(_folder, "host"), "--Weir:StopTimeout=1s");
        await SaysAsync(host, "Job ledger starts for the first time");
        _broker.Kill();
        await SaysAsync(host, "No broker of");
        host.Terminate();
        int code = await host.ExitCodeAsync(s_hang);
        Assert.True(code == 6, $"exit code {code}: {host.Errors}");
    }

    [Fact]
    public async Task Without_a_broker_a_service_waits_and_a_start_with_a_limit_ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        _broker!.Kill();
        var topics = new LedgerTopics(_broker.Bootstrap, "in", "out", Records, Accounts);
        await using var service = WeirProcess.StartHost(topics, _folder);
        await using var limited = WeirProcess.StartHost(topics, _folder, "--Weir:Kafka:StartupTimeout=1s");
        await SaysAsync(service, "No broker of");
        Assert.Equal(3, await limited.ExitCodeAsync(s_hang));
        service.Terminate();
        Assert.Equal(0, await service.ExitCodeAsync(s_hang));
    }

    private static async Task SaysAsync(WeirProcess life, string text)
    {
        try
        {
            await life.Says(text).WaitAsync(s_hang, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"It never said '{text}': {life.Errors}");
        }
    }

    private async Task FinishAsync(LedgerTopics topics)
    {
        await using var last = WeirProcess.StartLedger(topics, _folder, Free);
        int code = await last.ExitCodeAsync(s_hang);
        Assert.True(code == 0, $"exit code {code}: {last.Errors}");
    }
}
