using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Weir.Connectors.Kafka.Native;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>The two transactional producers of a slot, taking turns: one is written, the other's last transaction is being committed.</summary>
/// <remarks>
/// Thread: the committer's, for every call but those of <c>Add</c>; all others block. Holds: all of one transaction lies in a partition before any of the next,
/// since the old one is flushed before the new one is given its first record; at most one transaction is in commit; once a commit was begun, nothing but
/// commit is called on its producer. Protocol: docs/exactly-once.md.
/// </remarks>
internal sealed class SlotTransactions(KafkaClients clients, TransactionBudget budget, string commitsTopic, Action<JobException> failed) : IDisposable
{
    /// <summary>Every id that was ever used: a job that has lost its sinks still initialises both, so that no earlier life keeps one.</summary>
    private const int Ids = 2;

    /// <summary>A call that took this long may have been sent twice (a repeated request waits 80 ms at least), and a late duplicate commits half of the next transaction.</summary>
    private const double SuspectMs = 50;

    private const int CallMs = 2000;
    private const int ConnectMs = 1000;
    private const int RepeatMs = 10;
    private const int AbortMs = 2500;

    private readonly KafkaProducer?[] _producers = new KafkaProducer?[Ids];
    private readonly HashSet<string> _topics = new(StringComparer.Ordinal);
    private readonly List<IHeldWriter> _writers = [];
    private readonly Lock _adding = new();
    private bool _begun;
    private bool _committing;
    private int _open;
    private int? _ending;
    private double _flushMs;
    private double _offsetsMs;

    /// <summary>How old the transaction is that a checkpoint would end now. Any thread.</summary>
    public TimeSpan OpenAge => _begun && _producers[_open] is { } open ? open.TransactionAge : TimeSpan.Zero;

    /// <summary>How old the transaction is that is to be committed; null while none is.</summary>
    public TimeSpan? EndingAge => _ending is { } id ? _producers[id]?.TransactionAge : null;

    /// <summary>How long a call that blocks now has done so. Any thread.</summary>
    public TimeSpan CallingFor => _producers.Max(producer => producer?.CallingFor ?? TimeSpan.Zero);

    /// <summary>Whether a switch happened that was not committed yet.</summary>
    public bool IsEnding => _ending is not null;

    /// <summary>Has a topic known to both producers before records come. Any thread; before <see cref="Begin"/>.</summary>
    public void Add(string topic)
    {
        lock (_adding)
        {
            _topics.Add(topic);
        }
    }

    /// <summary>Takes a writer in: it writes to the open transaction, or from the first one on. Any thread.</summary>
    public void Add(IHeldWriter writer)
    {
        lock (_adding)
        {
            _writers.Add(writer);
            if (_begun)
            {
                writer.Release(_producers[_open]!.Topic(writer.Topic));
            }
        }
    }

    /// <summary>Makes both clients and connects them; takes nothing from anybody yet.</summary>
    public void Connect(CancellationToken cancellation)
    {
        for (int id = 0; id < Ids; id++)
        {
            _producers[id] = Make(id);
        }
        foreach (var producer in _producers)
        {
            Reach(producer!, cancellation);      // all of them connect meanwhile
        }
    }

    /// <summary>Makes the clients anew if their batches are larger than a topic takes, which may be known only now. Before <see cref="Take"/>.</summary>
    public void Fit(CancellationToken cancellation)
    {
        if (BatchBytesMax < _producers[0]!.BatchBytes)
        {
            Dispose();
            Connect(cancellation);
        }
    }

    /// <summary>Takes the slot: initialises id 0 alone until that is done, then the others. Side by side, two lives could end up with one id each.</summary>
    /// <exception cref="JobException">Refused, or overtaken by another life.</exception>
    public void Take(CancellationToken cancellation)
    {
        for (int id = 0; id < Ids; id++)
        {
            Init(id, cancellation);
        }
    }

    /// <summary>The cluster's id.</summary>
    public string? ClusterId() => _producers[0]!.ClusterId(CallMs);

    /// <summary>Commits pointer 0 by itself; false when it was not answered quickly and clearly.</summary>
    public bool CommitFirst(int partition, byte[] key, byte[] value, CancellationToken cancellation)
    {
        var producer = _producers[_open]!;
        OpenTopics(producer, [commitsTopic], cancellation);
        Demand(producer, producer.Begin(), "The first transaction can't begin");
        _ending = _open;
        Produce(producer, producer.Topic(commitsTopic), partition, key, value, cancellation);
        Flush(producer, cancellation);
        double commitMs = CommitEnding(0, cancellation);
        _ending = null;
        return commitMs < SuspectMs;
    }

    /// <summary>Begins the first transaction, always on id 0, and lets the writers write.</summary>
    public void Begin(CancellationToken cancellation)
    {
        Add(commitsTopic);
        foreach (var producer in _producers)
        {
            OpenTopics(producer!, _topics, cancellation);
        }
        Demand(_producers[_open]!, _producers[_open]!.Begin(), "The first transaction can't begin");
        lock (_adding)
        {
            _begun = true;
        }
        Release(_producers[_open]!, cancellation);
    }

    /// <summary>Ends the open transaction's writing and begins the next one.</summary>
    public void Switch(CancellationToken cancellation)
    {
        if (_ending is not null)
        {
            throw new InvalidOperationException("A transaction is still to be committed: the next switch must wait.");
        }
        var old = _producers[_open]!;
        long began = Stopwatch.GetTimestamp();
        foreach (var writer in _writers)
        {
            Until(writer.HandOverBeforeSwitch, old, cancellation);
        }
        Flush(old, cancellation);
        _flushMs = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        int next = (_open + 1) % Ids;
        Demand(_producers[next]!, _producers[next]!.Begin(), "The next transaction can't begin");
        _ending = _open;
        _open = next;
        Release(_producers[next]!, cancellation);
    }

    /// <summary>Puts pointer and offsets into the transaction that is to be committed.</summary>
    public void Prepare(int partition, byte[] key, byte[] value, IReadOnlyList<TopicOffset> offsets, CancellationToken cancellation)
    {
        var producer = _producers[_ending!.Value]!;
        Produce(producer, producer.Topic(commitsTopic), partition, key, value, cancellation);
        long began = Stopwatch.GetTimestamp();
        if (offsets.Count > 0)
        {
            Repeat(producer, () => producer.SendOffsets(clients.Group, offsets, CallMs), "Source offsets can't be added to the transaction", reason => clients.Logger.OffsetsUnanswered(reason), cancellation);
        }
        _offsetsMs = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        Flush(producer, cancellation);
    }

    /// <summary>Commits.</summary>
    /// <returns>The id whose producer must be replaced before it is used again; null where none must.</returns>
    public int? Commit(long checkpoint, CancellationToken cancellation)
    {
        int id = _ending!.Value;
        double commitMs = CommitEnding(checkpoint, cancellation);
        _ending = null;
        clients.Patience.Answered();
        clients.Logger.Committed(checkpoint, _flushMs, _offsetsMs, commitMs);
        double slowest = Math.Max(_offsetsMs, commitMs);
        if (slowest < SuspectMs)
        {
            return null;
        }
        clients.Logger.ProducerReplaced(clients.TransactionalId(id), slowest);
        return id;
    }

    /// <summary>Replaces a producer by a new one with a new epoch: what its predecessor sent, and may arrive late, is refused from then on.</summary>
    public void Renew(int id, CancellationToken cancellation)
    {
        _producers[id]!.Dispose();
        _producers[id] = null;
        Init(id, cancellation);
        OpenTopics(_producers[id]!, _topics, cancellation);
    }

    /// <summary>Ends both: what is open is aborted, so that readers behind it need not wait; best effort, bounded.</summary>
    public void Dispose()
    {
        for (int id = 0; id < Ids; id++)
        {
            if (_producers[id] is { } producer)
            {
                bool isOpen = (_begun && id == _open) || id == _ending;
                bool mayAbort = isOpen && !(id == _ending && _committing) && producer.Failure?.Reason != JobFailure.Fenced;
                if (mayAbort)
                {
                    producer.Abort(AbortMs);
                }
                producer.Dispose();
                _producers[id] = null;
            }
        }
    }

    // A start after a SIGKILL finds its predecessor's transaction open, and this client then waits for a timer of 500 ms. A new instance, asked with
    // a short timeout, sooner finds it aborted.
    private void Init(int id, CancellationToken cancellation)
    {
        int timeoutMs = 40;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_producers[id] is not { } producer)
            {
                producer = _producers[id] = Make(id);
                Reach(producer, cancellation);
            }
            var error = producer.Reason(producer.Init(timeoutMs));
            if (error.IsNone)
            {
                return;
            }
            if (error.IsFatal || (!error.IsRetriable && error.Fault is not (KafkaFault.Retriable or KafkaFault.Unreachable)))
            {
                throw KafkaFaults.StartFailure(error, $"Slot of {clients.TransactionalId(id)} can't be taken");
            }
            clients.Logger.InitAgain(clients.TransactionalId(id), timeoutMs, error.Text);
            producer.Dispose();
            _producers[id] = null;
            timeoutMs = Math.Min(timeoutMs < 100 ? 100 : 2 * timeoutMs, 5000);
        }
    }

    /// <summary>The largest batch that every topic takes, since both producers write to all of them.</summary>
    private long? BatchBytesMax
    {
        get
        {
            lock (_adding)
            {
                return clients.Limits.Least(_topics);
            }
        }
    }

    private KafkaProducer Make(int id) => clients.Transactional(id, budget.Timeout, BatchBytesMax, failed);

    private void Reach(KafkaProducer producer, CancellationToken cancellation)
    {
        for (var error = producer.Connect(ConnectMs); !error.IsNone; error = producer.Connect(ConnectMs))
        {
            cancellation.ThrowIfCancellationRequested();
            if (error.Fault is not (KafkaFault.Unreachable or KafkaFault.Retriable))
            {
                throw KafkaFaults.StartFailure(error, "Brokers can't be asked");
            }
            clients.Patience.NoAnswer(error.Text);
        }
        clients.Patience.Answered();
    }

    private void OpenTopics(KafkaProducer producer, IReadOnlyCollection<string> topics, CancellationToken cancellation)
    {
        foreach (string topic in topics)
        {
            bool isCompressed = topic != commitsTopic;
            for (var error = producer.OpenTopic(topic, ConnectMs, out _, isCompressed); !error.IsNone; error = producer.OpenTopic(topic, ConnectMs, out _, isCompressed))
            {
                cancellation.ThrowIfCancellationRequested();
                if (error.Fault is not (KafkaFault.Unreachable or KafkaFault.Retriable))
                {
                    throw KafkaFaults.StartFailure(error, $"Topic {topic} can't be written");
                }
                clients.Patience.NoAnswer(error.Text);
            }
        }
    }

    private void Release(KafkaProducer next, CancellationToken cancellation)
    {
        foreach (var writer in _writers)
        {
            var topic = next.Topic(writer.Topic);
            Until(() => writer.Release(topic), next, cancellation);
        }
    }

    private static unsafe void Produce(KafkaProducer producer, ProducerTopic topic, int partition, byte[] key, byte[] value, CancellationToken cancellation)
    {
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            var message = new NativeMessage { Key = keyBytes, KeyLength = (nuint)key.Length, Value = valueBytes, ValueLength = (nuint)value.Length };
            while (producer.Produce(topic, partition, &message, 1) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>Repeats what waits for room in the client's queue.</summary>
    private static void Until(Func<bool> done, KafkaProducer producer, CancellationToken cancellation)
    {
        while (!done())
        {
            ThrowIfFailed(producer);
            cancellation.ThrowIfCancellationRequested();
            Thread.Sleep(1);
        }
    }

    private static void Flush(KafkaProducer producer, CancellationToken cancellation)
    {
        while (producer.Flush(timeoutMs: 100) > 0)
        {
            ThrowIfFailed(producer);
            cancellation.ThrowIfCancellationRequested();
        }
        ThrowIfFailed(producer);
    }

    private double CommitEnding(long checkpoint, CancellationToken cancellation)
    {
        var producer = _producers[_ending!.Value]!;
        ThrowIfFailed(producer);
        long began = Stopwatch.GetTimestamp();
        Repeat(producer, () => CommitOnce(producer), $"Commit of checkpoint {checkpoint} failed", reason => clients.Logger.CommitUnanswered(checkpoint, reason), cancellation);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    // Nothing but commit may be called until the client itself says that the transaction can only be aborted.
    private KafkaError CommitOnce(KafkaProducer producer)
    {
        _committing = true;
        var error = producer.Commit(CallMs);
        _committing = !error.IsNone && !error.RequiresAbort;
        return error;
    }

    /// <summary>Makes the same call again while the client says that it may, until the transaction's life is over.</summary>
    private void Repeat(KafkaProducer producer, Func<KafkaError> call, string failure, Action<string> unanswered, CancellationToken cancellation)
    {
        for (var error = call(); !error.IsNone; error = call())
        {
            if (!error.IsRetriable)
            {
                throw KafkaFaults.Failure(producer.Reason(error), failure);
            }
            unanswered(error.Text);
            if (producer.TransactionAge >= budget.Timeout)
            {
                throw new JobException(
                    JobFailure.Transient, $"{failure}: no answer until the transaction's timeout of {budget.Timeout.TotalSeconds:F0} s; a new start will tell what holds.");
            }
            cancellation.ThrowIfCancellationRequested();
            Thread.Sleep(RepeatMs);
        }
    }

    private static void Demand(KafkaProducer producer, KafkaError error, string failure)
    {
        if (!error.IsNone)
        {
            throw KafkaFaults.Failure(producer.Reason(error), failure);
        }
    }

    private static void ThrowIfFailed(KafkaProducer producer)
    {
        if (producer.Failure is { } failure)
        {
            throw failure;
        }
    }
}
