namespace Weir.Hosting;

/// <summary>Something more to say in the progress lines.</summary>
/// <remarks>Thread: the reporter's. No call blocks.</remarks>
internal interface IProgressDetail
{
    /// <summary>What is said of a job, or null.</summary>
    string? Of(JobRun run);
}
