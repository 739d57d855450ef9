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
    private readonly BrokerState _state;
    private readonly HashSet<Task> _connections = [];
    private readonly ITimer _tidy;
    private readonly Task _running;
    private TaskCompletionSource<TimeSpan> _restart = new();

    private InMemoryBroker(InMemoryBrokerOptions options, TcpListener listener)
    {
        _state = new BrokerState(options, ((IPEndPoint)listener.LocalEndpoint).Port, away => _restart.TrySetResult(away));
        _tidy = options.Time.CreateTimer(static state => ((BrokerState)state!).Tidy(), _state, TidyInterval, TidyInterval);
        _running = Task.Run(() => RunAsync(listener));
    }

    /// <summary>Where clients find it: <c>bootstrap.servers</c>.</summary>
    public string BootstrapServers => $"{BrokerState.Host}:{_state.Port}";

    /// <summary>Starts one; it answers when this returns.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static InMemoryBroker Start(InMemoryBrokerOptions? options = null)
    {
        options ??= new InMemoryBrokerOptions();
        return new InMemoryBroker(options, Listen(options.Port));
    }

    /// <summary>Ends it: connections are closed, the data is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _tidy.DisposeAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _ended.Dispose();
    }

    private static TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return listener;
    }

    /// <summary>Serves, life after life, until the end: a restart closes the port and all connections, and what the broker knows stays.</summary>
    private async Task RunAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                TimeSpan away;
                using (var life = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token))
                {
                    var accepting = AcceptAsync(listener, life.Token);
                    try
                    {
                        away = await _restart.Task.WaitAsync(_ended.Token).ConfigureAwait(false);
                    }
                    finally
                    {
                        await life.CancelAsync().ConfigureAwait(false);
                        listener.Stop();
                        await accepting.ConfigureAwait(false);
                        await ConnectionsAsync().ConfigureAwait(false);
                    }
                }
                await Task.Delay(away, _state.Options.Time, _ended.Token).ConfigureAwait(false);
                _restart = new TaskCompletionSource<TimeSpan>();
                listener = Listen(_state.Port);
            }
        }
        catch (OperationCanceledException)
        {
            // The broker ends.
        }
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(ended).ConfigureAwait(false);
                socket.NoDelay = true;
                Serve(new Connection(socket, _state), ended);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The broker ends, or is away.
        }
    }

    private Task ConnectionsAsync()
    {
        lock (_connections)
        {
            return Task.WhenAll(_connections);
        }
    }

    private void Serve(Connection connection, CancellationToken life)
    {
        var serving = Task.Run(() => connection.ServeAsync(life), CancellationToken.None);
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
