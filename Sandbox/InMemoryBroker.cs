using System.Net;
using System.Net.Sockets;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox;

/// <summary>A Kafka broker in this process, for first steps and tests: it listens on the loopback interface only, and its data is gone with it.</summary>
/// <remarks>
/// It speaks Kafka's protocol as far as producers, transactions, consumers without group membership, and administration need it. One node, one replica.
/// Thread: any. Owns: its port and connections, until it is disposed.
/// </remarks>
public sealed class InMemoryBroker : IAsyncDisposable
{
    // Of a Kafka: five minutes for retention and ten seconds for transactions (log.retention.check.interval.ms, transaction.abort.timed.out...). Here, who tries waits.
    private static readonly TimeSpan TidyInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ended = new();
    private readonly TcpListener _listener;
    private readonly BrokerState _state;
    private readonly HashSet<Task> _connections = [];
    private readonly ITimer _tidy;
    private readonly Task _accepting;

    private InMemoryBroker(InMemoryBrokerOptions options, TcpListener listener)
    {
        _listener = listener;
        _state = new BrokerState(options, ((IPEndPoint)listener.LocalEndpoint).Port);
        _tidy = options.Time.CreateTimer(static state => ((BrokerState)state!).Tidy(), _state, TidyInterval, TidyInterval);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where clients find it: <c>bootstrap.servers</c>.</summary>
    public string BootstrapServers => $"{BrokerState.Host}:{_state.Port}";

    /// <summary>Starts one; it answers when this returns.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static InMemoryBroker Start(InMemoryBrokerOptions? options = null)
    {
        options ??= new InMemoryBrokerOptions();
        var listener = new TcpListener(IPAddress.Loopback, options.Port);
        listener.Start();
        return new InMemoryBroker(options, listener);
    }

    /// <summary>Ends it: connections are closed, the data is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _tidy.DisposeAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        Task[] connections;
        lock (_connections)
        {
            connections = [.. _connections];
        }
        await Task.WhenAll(connections).ConfigureAwait(false);
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_ended.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                Serve(new Connection(socket, _state));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The broker ends.
        }
    }

    private void Serve(Connection connection)
    {
        var serving = Task.Run(() => connection.ServeAsync(_ended.Token));
        lock (_connections)
        {
            _connections.Add(serving);
        }
        _ = serving.ContinueWith(
            ended =>
            {
                lock (_connections)
                {
                    _connections.Remove(ended);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
