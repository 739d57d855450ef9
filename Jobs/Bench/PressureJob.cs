namespace Weir.Jobs;

/// <summary>Generated entries of 1 KiB through two exchanges into a slow sink, so that every queue of the job is full: how long a checkpoint takes then.</summary>
/// <param name="recordsPerSecondPerSubtask">What each sink subtask takes.</param>
/// <param name="accounts">How many accounts the entries are for.</param>
public sealed class PressureJob(double recordsPerSecondPerSubtask = 1000, long accounts = 1_000_000) : IJob
{
    private const int ValueBytes = 1024;

    /// <inheritdoc/>
    public void Build(JobBuilder job)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.From(new LedgerGenerator("generator", job.Parallelism, accounts, ValueBytes, records: null))
            .KeyBy((in entry) => entry.Account)
            .Map((in LedgerEntry entry) => entry with { Account = LedgerWorkload.Scattered(entry.Account, accounts) }).WithId("scatter").WithCodec(LedgerCodec.Instance)
            .KeyBy((in entry) => entry.Account)
            .Throttle(recordsPerSecondPerSubtask).WithId("slow")
            .To(new TallySink("tally"));
    }
}
