using Weir.Sandbox.Groups;
using Weir.Sandbox.Log;
using Weir.Sandbox.Transactions;

namespace Weir.Sandbox;

/// <summary>All that the broker knows, under one lock: whoever answers a request holds it while it looks or changes, and never while it waits.</summary>
internal sealed class BrokerState
{
    /// <summary>The broker's one node.</summary>
    public const int NodeId = 1;

    /// <summary>Where it listens, and nowhere else.</summary>
    public const string Host = "127.0.0.1";

    private readonly Action<TimeSpan> _restart;
    private volatile Task _standStill = Task.CompletedTask;

    /// <param name="options">How it is set up.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="restart">Closes all connections, and listens again after a time.</param>
    public BrokerState(InMemoryBrokerOptions options, int port, Action<TimeSpan> restart)
    {
        _restart = restart;
        Options = options;
        Port = port;
        Transactions = new TransactionCoordinator(Topics, Groups, options.Time);
    }

    public Lock Gate { get; } = new();

    public InMemoryBrokerOptions Options { get; }

    /// <summary>New with each broker, as its topics are.</summary>
    public string ClusterId { get; } = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public int Port { get; }

    public TopicTable Topics { get; } = new();

    public GroupOffsets Groups { get; } = new();

    public TransactionCoordinator Transactions { get; }

    public long NowMs => Options.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Goes away, and comes back after a time.</summary>
    public void Restart(TimeSpan away) => _restart(away);

    /// <summary>Nothing is carried out or answered until then.</summary>
    public void StandStill(Task until) => _standStill = until;

    /// <summary>Waits while nothing is to be carried out.</summary>
    public Task StandStillAsync(CancellationToken ended) => _standStill.IsCompleted ? Task.CompletedTask : _standStill.WaitAsync(ended);

    /// <summary>What a broker does from time to time: retention, and transactions that are open for too long.</summary>
    public void Tidy()
    {
        lock (Gate)
        {
            Transactions.AbortOutdated();
            long nowMs = NowMs;
            foreach (var topic in Topics.All)
            {
                foreach (var partition in topic.Partitions)
                {
                    partition.Retain(nowMs);
                }
            }
        }
    }
}
