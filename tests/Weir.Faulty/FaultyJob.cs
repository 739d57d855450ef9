using Weir.Jobs;

namespace Weir.Faulty;

/// <summary>Endless entries through an operator that misbehaves at one of them.</summary>
internal sealed class FaultyJob(FaultKind kind) : IJob
{
    private const long BadEntry = 100_000;

    public void Build(JobBuilder job) =>
        job.From(new LedgerGenerator("generator", splits: 1, accounts: 1000, valueBytes: 64, records: null))
            .Map((in LedgerEntry entry) => entry.Seq == BadEntry ? Misbehave(in entry) : entry).WithId("faulty")
            .Throttle(50_000)
            .To(new TallySink("tally"));

    private LedgerEntry Misbehave(in LedgerEntry entry)
    {
        switch (kind)
        {
            case FaultKind.Throw:
                throw new InvalidOperationException($"Entry {entry.Seq} is refused");
            case FaultKind.Hang:
                Console.WriteLine("hangs");
                Thread.Sleep(Timeout.Infinite);
                break;
        }
        return entry;
    }
}

/// <summary>What it does.</summary>
internal enum FaultKind
{
    None,
    Throw,
    Hang,
}
