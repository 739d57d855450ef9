namespace Weir.Hosting;

/// <summary>Whether the start is over: every job has restored, and begun to process, once. What becomes of them later is for the other probes.</summary>
/// <remarks>Thread: any.</remarks>
internal sealed class Startup(JobHostedService jobs)
{
    /// <summary>What is waited for, in a sentence; null once the start is over.</summary>
    public string? Waiting
    {
        get
        {
            string[] waiting = [.. jobs.Runs.Where(run => !run.HasStarted).Select(run => $"Job {run.Name} is {run.Status.Phase}, and has not processed yet.")];
            return waiting.Length > 0 ? string.Join(" ", waiting) : jobs.Runs.Count == 0 ? "No job runs." : null;
        }
    }
}
