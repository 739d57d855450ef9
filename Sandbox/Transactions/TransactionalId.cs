using Weir.Sandbox.Log;

namespace Weir.Sandbox.Transactions;

/// <summary>One transactional id: who owns it, and its transaction.</summary>
internal sealed class TransactionalId(long producerId, int timeoutMs)
{
    public long ProducerId { get; private set; } = producerId;

    /// <summary>The epoch that may write; -1 before the first producer.</summary>
    public short Epoch { get; private set; } = -1;

    public int TimeoutMs { get; set; } = timeoutMs;

    public TransactionPhase Phase { get; set; }

    /// <summary>When the transaction was begun, in ms since 1970.</summary>
    public long BeganMs { get; private set; }

    public HashSet<(string Topic, int Partition)> Partitions { get; } = [];

    public HashSet<string> Groups { get; } = [];

    public void Begin(long nowMs)
    {
        if (Phase != TransactionPhase.Ongoing)
        {
            Phase = TransactionPhase.Ongoing;
            BeganMs = nowMs;
        }
    }

    /// <summary>Takes the id from whoever has it; after the last epoch it goes on with a new producer id.</summary>
    public void NextEpoch(Func<long> newProducerId)
    {
        if (Epoch == short.MaxValue - 1)
        {
            ProducerId = newProducerId();
            Epoch = -1;
        }
        Epoch++;
    }

    public bool Has(Topic topic, int partition) => Partitions.Contains((topic.Name, partition));
}
