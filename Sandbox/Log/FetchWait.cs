namespace Weir.Sandbox.Log;

/// <summary>A fetch that waits for records: woken by the first partition of its own that changes.</summary>
internal sealed class FetchWait
{
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Changed => _changed.Task;

    public void Wake() => _changed.TrySetResult();
}
