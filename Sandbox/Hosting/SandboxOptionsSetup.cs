using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weir.Hosting;

namespace Weir.Sandbox.Hosting;

/// <summary>Decides whether the embedded broker is the program's Kafka, and if so starts it: the port it got, and the folder of its run, are settings of all else.</summary>
internal sealed class SandboxOptionsSetup(SandboxBroker broker, IHostEnvironment environment) : IPostConfigureOptions<WeirOptions>
{
    public void PostConfigure(string? name, WeirOptions options)
    {
        options.Sandbox.IsThere = true;
        bool hasKafka = options.Kafka.BootstrapServers.Length > 0;
        bool isWanted = options.Sandbox.Enabled ?? (environment.IsDevelopment() && !hasKafka);
        if (isWanted && hasKafka)
        {
            options.Problems.Add("Weir:Sandbox:Enabled is true, and Weir:Kafka:BootstrapServers names a Kafka: remove one of them.");
        }
        else if (isWanted && options.Problems.Count == 0)
        {
            Start(options);
        }
        options.Sandbox.Feed ??= isWanted;
    }

    private void Start(WeirOptions options)
    {
        try
        {
            (options.Kafka.BootstrapServers, options.Checkpoints.Directory) = broker.Start(options.Sandbox.Port);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentOutOfRangeException)
        {
            options.Problems.Add($"Weir:Sandbox:Port is {options.Sandbox.Port}, which can't be opened: {failure.Message.TrimEnd('.')}. Set another one, or remove it to take a free one.");
        }
    }
}
