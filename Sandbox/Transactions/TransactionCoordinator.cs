using Weir.Sandbox.Groups;
using Weir.Sandbox.Log;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Transactions;

/// <summary>Begins and ends transactions, and says who may write in the name of a transactional id.</summary>
/// <remarks>
/// Thread: under the broker's lock. It answers as the coordinator of a Kafka 4.1 does to clients of protocol version 1 of transactions: the epoch grows with
/// each InitProducerId and with each transaction that is ended for a client, not with each commit.
/// </remarks>
internal sealed class TransactionCoordinator(TopicTable topics, GroupOffsets groups, TimeProvider time)
{
    /// <summary>transaction.max.timeout.ms of a broker, by default.</summary>
    public const int TimeoutMsMax = 15 * 60 * 1000;

    private readonly Dictionary<string, TransactionalId> _ids = [];
    private long _lastProducerId = 999;

    /// <summary>A producer that is idempotent only.</summary>
    public long NewProducerId() => ++_lastProducerId;

    /// <summary>Gives the id to a new producer. What its last owner left open is aborted first; meanwhile the answer is to ask again.</summary>
    public ErrorCode Init(string id, int timeoutMs, (long Id, short Epoch)? expected, out long producerId, out short epoch)
    {
        (producerId, epoch) = (-1, -1);
        if (timeoutMs is <= 0 or > TimeoutMsMax)
        {
            return ErrorCode.InvalidTransactionTimeout;
        }
        if (!_ids.TryGetValue(id, out var owned))
        {
            _ids.Add(id, owned = new TransactionalId(NewProducerId(), timeoutMs));
        }
        if (expected is { } known && owned.Epoch >= 0 && (known.Id != owned.ProducerId || known.Epoch != owned.Epoch))
        {
            return ErrorCode.ProducerFenced;
        }
        if (owned.Phase == TransactionPhase.Ongoing)
        {
            owned.NextEpoch(NewProducerId);
            End(owned, isCommit: false);
            return ErrorCode.ConcurrentTransactions;
        }
        owned.NextEpoch(NewProducerId);
        owned.Phase = TransactionPhase.Empty;
        owned.TimeoutMs = timeoutMs;
        (producerId, epoch) = (owned.ProducerId, owned.Epoch);
        return ErrorCode.None;
    }

    /// <summary>Makes a partition part of the transaction; whether it exists was looked at before.</summary>
    public ErrorCode Add(string id, long producerId, short epoch, IEnumerable<(string Topic, int Partition)> partitions) =>
        Begin(id, producerId, epoch, owned => owned.Partitions.UnionWith(partitions));

    /// <summary>Makes a group's offsets part of the transaction.</summary>
    public ErrorCode AddOffsets(string id, long producerId, short epoch, string group) =>
        Begin(id, producerId, epoch, owned => owned.Groups.Add(group));

    /// <summary>Whether offsets of a group may be written in the transaction.</summary>
    public ErrorCode MayCommitOffsets(string id, long producerId, short epoch, string group)
    {
        var fault = Check(id, producerId, epoch, out var owned);
        return fault != ErrorCode.None ? fault : owned!.Phase == TransactionPhase.Ongoing && owned.Groups.Contains(group) ? ErrorCode.None : ErrorCode.InvalidTransactionState;
    }

    /// <summary>Whether a transactional batch may be appended to a partition.</summary>
    public ErrorCode MayAppend(string? id, in BatchHead head, Topic topic, int partition)
    {
        if (id is null)
        {
            return ErrorCode.InvalidTransactionState;
        }
        var fault = Check(id, head.ProducerId, head.ProducerEpoch, out var owned);
        // A producer learns of its end by the epoch.
        return fault == ErrorCode.ProducerFenced ? ErrorCode.InvalidProducerEpoch
            : fault != ErrorCode.None ? fault
            : owned!.Phase == TransactionPhase.Ongoing && owned.Has(topic, partition) ? ErrorCode.None : ErrorCode.InvalidTransactionState;
    }

    /// <summary>Ends the transaction. Who repeats the end that was the last one is told that it was done.</summary>
    public ErrorCode End(string id, long producerId, short epoch, bool isCommit)
    {
        var fault = Check(id, producerId, epoch, out var owned);
        if (fault != ErrorCode.None)
        {
            return fault;
        }
        switch (owned!.Phase)
        {
            case TransactionPhase.Ongoing:
                End(owned, isCommit);
                return ErrorCode.None;
            case TransactionPhase.Committed when isCommit:
            case TransactionPhase.Aborted when !isCommit:
                return ErrorCode.None;
            default:
                return ErrorCode.InvalidTransactionState;
        }
    }

    /// <summary>Aborts transactions that are open for longer than they may be, and fences their producers.</summary>
    public void AbortOutdated()
    {
        long nowMs = Now;
        foreach (var owned in _ids.Values)
        {
            if (owned.Phase == TransactionPhase.Ongoing && nowMs - owned.BeganMs > owned.TimeoutMs)
            {
                owned.NextEpoch(NewProducerId);
                End(owned, isCommit: false);
            }
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private ErrorCode Begin(string id, long producerId, short epoch, Action<TransactionalId> add)
    {
        var fault = Check(id, producerId, epoch, out var owned);
        if (fault == ErrorCode.None)
        {
            owned!.Begin(Now);
            add(owned);
        }
        return fault;
    }

    private ErrorCode Check(string id, long producerId, short epoch, out TransactionalId? owned) =>
        !_ids.TryGetValue(id, out owned) || owned.ProducerId != producerId ? ErrorCode.InvalidProducerIdMapping
        : owned.Epoch != epoch ? ErrorCode.ProducerFenced
        : ErrorCode.None;

    private void End(TransactionalId owned, bool isCommit)
    {
        foreach (var (topic, partition) in owned.Partitions)
        {
            topics.Find(topic)?.Partitions[partition].EndTransaction(owned.ProducerId, owned.Epoch, isCommit, Now);
        }
        foreach (string group in owned.Groups)
        {
            groups.End(group, owned.ProducerId, isCommit);
        }
        owned.Partitions.Clear();
        owned.Groups.Clear();
        owned.Phase = isCommit ? TransactionPhase.Committed : TransactionPhase.Aborted;
    }
}
