using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>A savepoint that was asked for, until it is durable or has failed.</summary>
/// <remarks>Thread: any; it ends once.</remarks>
internal sealed class SavepointOrder(SavepointRequest request, string folder, long orderedAt)
{
    // Whoever asked goes on elsewhere, not on the job's lane.
    private readonly TaskCompletionSource<Savepoint> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SavepointRequest Request => request;

    /// <summary>Where it will lie.</summary>
    public string Folder => folder;

    /// <summary>When it was asked for.</summary>
    public long OrderedAt => orderedAt;

    /// <summary>Ends with the savepoint, or with why there is none.</summary>
    public Task<Savepoint> Done => _done.Task;

    public void Succeed(Savepoint savepoint) => _done.TrySetResult(savepoint);

    /// <summary>Says why there is none; only the first reason counts.</summary>
    public void Fail(string reason, Exception? cause = null) => _done.TrySetException(
        cause as JobException ?? new JobException(JobFailure.Transient, $"Savepoint '{request.Name}' was not made: {reason.TrimEnd('.')}.", cause));

    /// <summary>Whoever asked does not want it any more.</summary>
    public void Withdraw() => _done.TrySetCanceled();
}
