using System.Diagnostics;
using Testcontainers.Kafka;

namespace Weir.Tests.Doubles;

/// <summary>A broker in a container.</summary>
internal sealed class DockerBroker(KafkaContainer container) : IBrokerHome
{
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(2);

    public string Name => "a container";

    public string Bootstrap => container.GetBootstrapAddress();

    public static async Task<IBrokerHome> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("WEIR_TEST_DOCKER") != "1" && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")))
        {
            throw new NoBrokerException("WEIR_TEST_DOCKER is not 1");
        }
        if (!await AnswersAsync())
        {
            throw new NoBrokerException("Docker does not answer");
        }
        var container = new KafkaBuilder("apache/kafka:4.1.1").Build();
        await container.StartAsync();
        return new DockerBroker(container);
    }

    public ValueTask DisposeAsync() => container.DisposeAsync();

    private static async Task<bool> AnswersAsync()
    {
        try
        {
            using var ping = Process.Start(new ProcessStartInfo("docker", ["version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var limit = new CancellationTokenSource(PingTimeout);
            await ping.WaitForExitAsync(limit.Token);
            return ping.ExitCode == 0;
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            return false;
        }
    }
}
