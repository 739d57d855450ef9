using Microsoft.Extensions.Options;

namespace Weir.Hosting;

/// <summary>Whether the program is worth waiting for: no job has been at one record for longer than <see cref="WeirOptions.StuckTimeout"/>. A job that waits for its broker or store lives.</summary>
/// <remarks>Thread: any.</remarks>
internal sealed class Liveness(JobHostedService jobs, IOptions<WeirOptions> options)
{
    /// <summary>Why it is not, in a sentence; null while it is.</summary>
    public string? Failure =>
        (from run in jobs.Runs
         let stuck = run.Status.Stuck
         where stuck?.For > options.Value.StuckTimeout
         select $"Job {run.Name}: {stuck}, longer than Weir:StuckTimeout.").FirstOrDefault();
}
