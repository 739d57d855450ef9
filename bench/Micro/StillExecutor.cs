using Weir.Runtime.Tasks;

namespace Weir.Bench.Micro;

/// <summary>Steps nothing by itself: a bench does, so that nothing but its subject is timed.</summary>
internal sealed class StillExecutor : IExecutor
{
    private Runnable? _queued;

    public TimeProvider Time => TimeProvider.System;

    public bool IsUrgent => false;

    public void Enqueue(Runnable runnable, bool urgent) => _queued = runnable;

    /// <summary>Steps what was queued last until it rests.</summary>
    public void RunToRest()
    {
        while (_queued is { } runnable)
        {
            _queued = null;
            runnable.Run();
        }
    }

    public SynchronizationContext CreateLane(string name) => throw new NotSupportedException("No bench has a lane.");

    public void RunInBackground(Func<Task> work) => throw new NotSupportedException("No bench takes a checkpoint of a subtask.");

    public Task RunOnThread(string name, Action run) => throw new NotSupportedException("No bench has a legacy source.");

    public ISignal CreateSignal() => throw new NotSupportedException("No bench has a legacy source.");
}
