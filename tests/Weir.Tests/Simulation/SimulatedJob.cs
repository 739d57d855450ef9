using Weir.Jobs;

namespace Weir.Tests.Simulation;

/// <summary>Which edges the ledger's records pass.</summary>
internal enum SimulatedTopology
{
    /// <summary>By key, to the balances and the sink.</summary>
    Keyed,

    /// <summary>By key to the balances, and by a rule of the job's own to the sink: an account's records stay in order.</summary>
    Spread,

    /// <summary>In turns, and then by key: nobody promises an order.</summary>
    Rebalanced,
}

/// <summary>The ledger over some edges.</summary>
internal sealed class SimulatedJob(SimulatedTopology topology) : IJob
{
    public void Build(JobBuilder job)
    {
        var entries = job.FromKafka("in", LedgerMessages.Instance);
        if (topology == SimulatedTopology.Rebalanced)
        {
            entries = entries.Rebalance().Map((in LedgerEntry entry) => entry).WithId("pass").WithCodec(LedgerCodec.Instance);
        }
        var balanced = entries.KeyBy((in LedgerEntry entry) => entry.Account).Process<RunningBalance, LedgerEntry>("balances").WithCodec(LedgerCodec.Instance);
        if (topology == SimulatedTopology.Spread)
        {
            balanced = balanced.Partition((in LedgerEntry entry, int subtasks) => (int)(entry.Account % subtasks)).Map((in LedgerEntry entry) => entry).WithId("spread").WithCodec(LedgerCodec.Instance);
        }
        balanced.ToKafka("out", LedgerMessages.Instance, (in entry, partitions) => (int)((ulong)entry.Account % (ulong)partitions));
    }
}
