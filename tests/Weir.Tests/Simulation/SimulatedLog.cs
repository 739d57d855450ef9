using Weir.StateStore;

namespace Weir.Tests.Simulation;

/// <summary>A log with transactions, as Kafka's looks to a client: survives crashes of its clients.</summary>
internal sealed class SimulatedLog
{
    private readonly Dictionary<string, List<Entry>[]> _topics = [];
    private readonly List<Transaction> _open = [];

    /// <summary>The life that initialised the transactional ids last: all others are fenced.</summary>
    public string? Owner { get; private set; }

    public CheckpointPointer? Pointer { get; private set; }

    /// <summary>Every pointer that was ever committed, in order.</summary>
    public List<CheckpointPointer> Pointers { get; } = [];

    public void CreateTopic(string name, int partitions) => _topics.Add(name, [.. Enumerable.Range(0, partitions).Select(_ => new List<Entry>())]);

    public IReadOnlyList<List<Entry>> Partitions(string topic) => _topics[topic];

    public void Append(string topic, int partition, byte[] key, byte[] value, Transaction? transaction) =>
        _topics[topic][partition].Add(new Entry(key, value, transaction));

    /// <summary>Fences whoever was there, and aborts what it had open.</summary>
    public void TakeOver(string life)
    {
        Owner = life;
        foreach (var transaction in _open)
        {
            transaction.State = TransactionState.Aborted;
        }
        _open.Clear();
    }

    public Transaction Begin()
    {
        var transaction = new Transaction();
        _open.Add(transaction);
        return transaction;
    }

    public void Commit(Transaction transaction, CheckpointPointer pointer)
    {
        Invariant.Holds(transaction.State == TransactionState.Open && _open.Remove(transaction));
        transaction.State = TransactionState.Committed;
        Pointer = pointer;
        Pointers.Add(pointer);
    }

    /// <summary>What a reader with read_committed sees of a partition: up to the first record of an open transaction, without aborted ones.</summary>
    public IEnumerable<Entry> ReadCommitted(string topic, int partition) => _topics[topic][partition]
        .TakeWhile(entry => entry.Transaction is not { State: TransactionState.Open })
        .Where(entry => entry.Transaction is not { State: TransactionState.Aborted });

    internal sealed record Entry(byte[] Key, byte[] Value, Transaction? Transaction);

    internal sealed class Transaction
    {
        public TransactionState State { get; set; }
    }

    internal enum TransactionState
    {
        Open,
        Committed,
        Aborted,
    }
}
