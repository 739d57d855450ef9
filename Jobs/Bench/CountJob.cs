using Weir.Runtime;

namespace Weir.Jobs;

/// <summary>Generated entries, keyed by account, summed and thrown away: what the engine itself costs.</summary>
/// <param name="records">How many entries.</param>
/// <param name="accounts">How many accounts they are for.</param>
public sealed class CountJob(long records = 10_000_000, long accounts = 1_000_000) : IJob
{
    private const int ValueBytes = 100;

    private readonly TallySink _tally = new("tally");

    /// <summary>When the last entry came, by <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</summary>
    public long LastAt => _tally.LastAt;

    /// <inheritdoc/>
    public void Build(JobBuilder job)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.From(new LedgerGenerator("generator", job.Parallelism, accounts, ValueBytes, records))
            .KeyBy((in entry) => entry.Account)
            .Process<RunningBalance, LedgerEntry>("balances")
            .To(_tally);
    }

    /// <summary>Checks, after a run from the beginning to the end, that every entry came through once.</summary>
    /// <exception cref="JobException">It did not; says what came and what was made.</exception>
    public void Check()
    {
        long amounts = 0;
        for (long seq = 0; seq < records; seq++)
        {
            amounts += LedgerWorkload.AmountOf(seq);
        }
        if (_tally.Records != records || _tally.Amounts != amounts)
        {
            throw new JobException(
                JobFailure.Permanent,
                $"{_tally.Records} entries came through, with a sum of {_tally.Amounts}; {records} were made, with a sum of {amounts}.");
        }
    }
}
