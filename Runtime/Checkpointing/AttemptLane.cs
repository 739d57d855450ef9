using System.Runtime.ExceptionServices;

namespace Weir.Runtime.Checkpointing;

/// <summary>The attempt's lane, and how to wait on it: for what others post there, for calls that it does not make itself, and for deadlines. Every wait ends when the attempt has failed.</summary>
/// <remarks>Thread: the lane, but for <see cref="Post"/> and <see cref="Look"/>, which are any's. Deadlines are timestamps of the clock.</remarks>
internal sealed class AttemptLane(SynchronizationContext lane, TimeProvider time)
{
    private TaskCompletionSource _changed = new(); // Set and awaited on the lane, so its continuations may run at once.

    /// <summary>Why the attempt has failed; null while it has not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Completes when something was posted and done.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Notes why the attempt has failed; the first reason stays.</summary>
    public void Fail(Exception failure) => Failure ??= failure;

    /// <summary>Has something done on the lane, and what waits there look again.</summary>
    public void Post(Action action) => lane.Post(
        _ =>
        {
            action();
            var changed = _changed;
            _changed = new TaskCompletionSource();
            changed.SetResult();
        },
        null);

    /// <summary>Has what waits look again.</summary>
    public void Look() => Post(static () => { });

    /// <summary>The deadline that is so far from now.</summary>
    public long After(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>The time until a deadline in whole milliseconds, rounded up: a delay cuts off what is less, and would be over too early.</summary>
    public TimeSpan Left(long deadline) =>
        TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((deadline - time.GetTimestamp()) * 1000.0 / time.TimestampFrequency)));

    /// <summary>Waits until something is so, or a deadline has passed.</summary>
    /// <exception cref="JobException">The attempt has failed.</exception>
    public async Task Until(Func<bool> condition, long? deadline)
    {
        while (true)
        {
            ThrowIfFailed();
            if (condition() || HasPassed(deadline))
            {
                return;
            }
            await AnyOf(_changed.Task, deadline);
        }
    }

    /// <summary>Waits for a call that the lane does not make itself.</summary>
    /// <returns>False: a deadline has passed; the call is left to itself.</returns>
    /// <exception cref="JobException">The attempt has failed.</exception>
    public async Task<bool> Watched(Task call, long? deadline = null)
    {
        while (!call.IsCompleted)
        {
            ThrowIfFailed();
            if (HasPassed(deadline))
            {
                return false;
            }
            await AnyOf(Task.WhenAny(call, _changed.Task), deadline);
        }
        await call;
        return true;
    }

    private bool HasPassed(long? deadline) => deadline is { } at && time.GetTimestamp() >= at;

    /// <summary>Waits for something, until a deadline at most.</summary>
    private async Task AnyOf(Task something, long? deadline)
    {
        if (deadline is not { } at)
        {
            await something;
            return;
        }
        using var enough = new CancellationTokenSource();
        await Task.WhenAny(something, Task.Delay(Left(at), time, enough.Token));
        enough.Cancel();
    }

    private void ThrowIfFailed()
    {
        if (Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure is JobException or OperationCanceledException ? failure : new JobException(JobFailure.Transient, failure.Message, failure));
        }
    }
}
