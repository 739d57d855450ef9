using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>The jobs that run in this program, for whoever asks something of them meanwhile. A service: get it from the host. Thread: any.</summary>
public sealed class WeirJobs
{
    private readonly JobHostedService _jobs;

    internal WeirJobs(JobHostedService jobs) => _jobs = jobs;

    /// <summary>Their names; none before the host has started.</summary>
    public IReadOnlyList<string> Names => [.. _jobs.Runs.Select(run => run.Name)];

    /// <summary>Takes a savepoint of a job, and stops the job behind it if that is asked for.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellation">Waits no longer; one that has begun may be made all the same.</param>
    /// <returns>The savepoint, durable: <c>run --from</c> begins from it.</returns>
    /// <exception cref="ArgumentException">No such job runs here, or the request can't be.</exception>
    /// <exception cref="JobException">It was not made: why, and what to do. The job goes on.</exception>
    public Task<Savepoint> TakeSavepointAsync(string job, SavepointRequest request, CancellationToken cancellation = default) =>
        _jobs.Find(job).TakeSavepointAsync(request, cancellation);
}
