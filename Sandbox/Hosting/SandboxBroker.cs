using Microsoft.Extensions.Logging;
using Weir.Hosting;

namespace Weir.Sandbox.Hosting;

/// <summary>The broker of this process and the folder of its run, where they are wanted; both go with the host, after the jobs.</summary>
/// <remarks>Thread: any.</remarks>
internal sealed class SandboxBroker(ProgramNotice notice, ILogger<SandboxBroker> logger) : IAsyncDisposable
{
    private readonly Lock _starting = new();
    private InMemoryBroker? _broker;
    private SandboxFolder? _folder;

    /// <summary>Starts it, once.</summary>
    /// <param name="port">On the loopback interface; 0 takes a free one.</param>
    /// <returns>Where clients find it, and where checkpoints lie.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">The port is taken.</exception>
    public (string Bootstrap, string Folder) Start(int port)
    {
        lock (_starting)
        {
            if (_broker is null)
            {
                _broker = InMemoryBroker.Start(new InMemoryBrokerOptions { Port = port });
                _folder = new SandboxFolder();
                notice.Text = "embedded broker";
                logger.BrokerStarted(_broker.BootstrapServers, _folder.Path, "--Weir:Kafka:BootstrapServers=localhost:9092 --Weir:Sandbox:Feed=true");
            }
            return (_broker.BootstrapServers, _folder!.Path);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync().ConfigureAwait(false);
        }
        _folder?.Dispose();
    }
}
