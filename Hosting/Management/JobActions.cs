using System.Globalization;
using Microsoft.Extensions.Hosting;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>What is asked of a savepoint: the body of <c>POST /jobs/{job}/savepoint</c>.</summary>
internal sealed record SavepointWish
{
    /// <summary>Its name; null is the time.</summary>
    public string? Name { get; init; }

    public bool Unaligned { get; init; }

    /// <summary>What the job does once it is durable.</summary>
    public AfterSavepoint Then { get; init; }
}

/// <summary>What is asked of a stop: the body of <c>POST /jobs/{job}/stop</c>.</summary>
internal sealed record StopWish
{
    /// <summary>Reads nothing more, and processes all that was read, first.</summary>
    public bool Drain { get; init; }

    /// <summary>Takes a savepoint first, as a drain does anyway.</summary>
    public bool TakesSavepoint { get; init; }

    /// <summary>Its name; null is the time.</summary>
    public string? Savepoint { get; init; }

    /// <summary>How that savepoint is taken; a drained job has nothing in flight.</summary>
    public bool Unaligned { get; init; }
}

/// <summary>A savepoint that was made.</summary>
/// <param name="Job">Of which job.</param>
/// <param name="Name">Its name.</param>
/// <param name="Store">The store it lies in.</param>
/// <param name="Location">Its folder there.</param>
/// <param name="CheckpointId">The checkpoint that it is a copy of.</param>
/// <param name="Bytes">Bytes of state and records.</param>
/// <param name="InFlightRecords">Records in flight.</param>
/// <param name="DurationMs">From the request until it was durable.</param>
internal sealed record SavepointMade(string Job, string Name, string Store, string Location, long CheckpointId, long Bytes, long InFlightRecords, double DurationMs);

/// <summary>A job that was stopped.</summary>
/// <param name="Job">Which.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Savepoint">The savepoint it stopped with.</param>
internal sealed record JobStopped(string Job, JobOutcome Outcome, SavepointMade? Savepoint);

/// <summary>A program that was stopped.</summary>
/// <param name="Jobs">What ran there.</param>
internal sealed record ProgramStopped(IReadOnlyList<string> Jobs);

/// <summary>What an operator does to the running jobs.</summary>
/// <remarks>Thread: any.</remarks>
internal sealed class JobActions(JobHostedService jobs, JobRunFactory factory, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Whether such a job runs here.</summary>
    public bool Has(string job) => jobs.Runs.Any(run => run.Name == job);

    /// <inheritdoc cref="WeirJobs.TakeSavepointAsync"/>
    public async Task<SavepointMade> TakeSavepointAsync(string job, SavepointWish wish, CancellationToken cancellation)
    {
        string name = wish.Name ?? time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var made = await jobs.Find(job).TakeSavepointAsync(new SavepointRequest(name) { Unaligned = wish.Unaligned, Then = wish.Then }, cancellation).ConfigureAwait(false);
        return new SavepointMade(job, made.Name, factory.Location, made.Location, made.CheckpointId, made.Bytes, made.InFlightRecords, made.Duration.TotalMilliseconds);
    }

    /// <summary>Stops one job, as asked for, and waits until it is over. The others go on.</summary>
    /// <exception cref="ArgumentException">No such job runs here, or the wish can't be.</exception>
    /// <exception cref="JobException">It failed, or its savepoint was not made, and it goes on.</exception>
    public async Task<JobStopped> StopAsync(string job, StopWish wish, CancellationToken cancellation)
    {
        var run = jobs.Find(job);
        SavepointMade? made = null;
        if (wish.Drain || wish.TakesSavepoint || wish.Savepoint is not null)
        {
            var then = wish.Drain ? AfterSavepoint.Drain : AfterSavepoint.Stop;
            made = await TakeSavepointAsync(job, new SavepointWish { Name = wish.Savepoint, Unaligned = wish.Unaligned, Then = then }, cancellation).ConfigureAwait(false);
        }
        else
        {
            await run.AskToStopAsync().ConfigureAwait(false);
        }
        return new JobStopped(job, await run.Ended.WaitAsync(cancellation).ConfigureAwait(false), made);
    }

    /// <summary>Stops the program, as SIGTERM does.</summary>
    public void StopProgram() => lifetime.StopApplication();
}
