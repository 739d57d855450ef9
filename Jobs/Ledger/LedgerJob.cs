namespace Weir.Jobs;

/// <summary>Topic <c>in</c> to topic <c>out</c>, exactly-once: each booking with its account's balance filled in.</summary>
/// <param name="recordsPerSecondPerSubtask">Holds up what is before each sink subtask, to show a job under back-pressure; null lets all through.</param>
public sealed class LedgerJob(double? recordsPerSecondPerSubtask = null) : IJob
{
    /// <inheritdoc/>
    public void Build(JobBuilder job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var balanced = job
            .FromKafka("in", LedgerMessages.Instance)
            .KeyBy((in entry) => entry.Account)
            .Process<RunningBalance, LedgerEntry>("balances");
        if (recordsPerSecondPerSubtask is { } rate)
        {
            balanced = balanced.Throttle(rate);
        }
        balanced.ToKafka("out", LedgerMessages.Instance, (in entry, partitions) => (int)((ulong)entry.Account % (ulong)partitions));
    }
}
