using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Testing;

/// <summary>A log with transactions, as Kafka's looks to a client: survives crashes of its clients.</summary>
internal sealed class SimulatedLog
{
    private readonly Dictionary<string, List<Entry>[]> _topics = [];
    private readonly List<Transaction> _open = [];
    private long _number;

    /// <summary>The life that initialised the transactional ids last: all others are fenced.</summary>
    public string? Owner { get; private set; }

    public CheckpointPointer? Pointer { get; private set; }

    /// <summary>Every pointer that was ever committed, in order.</summary>
    public List<CheckpointPointer> Pointers { get; } = [];

    public void CreateTopic(string name, int partitions) => _topics.Add(name, [.. Enumerable.Range(0, partitions).Select(_ => new List<Entry>())]);

    public IReadOnlyList<List<Entry>> Partitions(string topic) => _topics[topic];

    public bool HasTopic(string name) => _topics.ContainsKey(name);

    public void Append(string topic, int partition, Entry entry) => _topics[topic][partition].Add(entry with { Number = _number++ });

    /// <summary>Fences whoever was there, and aborts what it had open.</summary>
    public void TakeOver(string? life)
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

    /// <summary>What a reader will see of a partition once the open transactions are committed: all but aborted records.</summary>
    public IEnumerable<Entry> Read(string topic, int partition) => _topics[topic][partition].Where(entry => entry.Transaction is not { State: TransactionState.Aborted });

    /// <summary>A message as it lies in the log.</summary>
    /// <param name="Key">Its key; null where it has none.</param>
    /// <param name="Value">Its value; null for a tombstone.</param>
    internal sealed record Entry(byte[]? Key, byte[]? Value)
    {
        public IReadOnlyList<TestHeader> Headers { get; init; } = [];

        public long Timestamp { get; init; } = RecordContext.NoTimestamp;

        /// <summary>The transaction that it was written in; null where there was none.</summary>
        public Transaction? Transaction { get; init; }

        /// <summary>Its place in the order in which the log was written, all topics taken together.</summary>
        public long Number { get; init; }
    }

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
