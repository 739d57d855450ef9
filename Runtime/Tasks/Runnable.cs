using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>What an executor steps: its scheduling state, in which no wake-up is lost and no two threads step at once.</summary>
internal abstract class Runnable(IExecutor executor)
{
    private const int Idle = 0;
    private const int Queued = 1;
    private const int Running = 2;
    private const int RunningAndWoken = 3;
    private const int Closed = 4;
    private const int NotBegun = 5;
    private const long NoStep = long.MinValue;

    /// <summary>A hundred times what a Step is to take: more is a record that waits for something, or computes.</summary>
    private static readonly TimeSpan StepIsLong = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _closed = new(); // Awaited on a lane, which continuations are posted to.
    private int _state = NotBegun;
    private long _stepBegan = NoStep;
    private volatile bool _closing;

    protected IExecutor Executor { get; } = executor;

    /// <summary>What it spends its time with.</summary>
    public StepTimes Times { get; } = new(executor.Time.GetTimestamp());

    /// <summary>The executor's note of who stepped it last: there its state is near the processor.</summary>
    public int Worker { get; set; }

    /// <summary>Whether somebody steps it now. Any thread; for reports only, since it may be over at once.</summary>
    public bool IsInStep => Volatile.Read(ref _state) is Running or RunningAndWoken;

    /// <summary>How long the Step that is under way has taken so far; null where none is. Any thread.</summary>
    public TimeSpan? InStepFor => Volatile.Read(ref _stepBegan) is not NoStep and var began ? Executor.Time.GetElapsedTime(began) : null;

    /// <summary>It is ready to be stepped; a wake-up before this is no reason to, so who begins it wakes it afterwards.</summary>
    /// <remarks>A sink that can write, or a reader that has opened, wakes its subtask while that is still being restored.</remarks>
    public void Begin() => _ = Interlocked.CompareExchange(ref _state, Idle, NotBegun);

    /// <summary>There may be something to do: it will be stepped once more. Any thread.</summary>
    public void Wake(bool urgent = false)
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            switch (state)
            {
                case Idle when Interlocked.CompareExchange(ref _state, Queued, Idle) == Idle:
                    Executor.Enqueue(this, urgent);
                    return;
                case Running when Interlocked.CompareExchange(ref _state, RunningAndWoken, Running) == Running:
                case Queued or RunningAndWoken or Closed or NotBegun:
                    return;
            }
        }
    }

    /// <summary>Ends it: when the task completes, no thread is in its Step, and none will be.</summary>
    public Task CloseAsync()
    {
        _closing = true;
        Begin();
        Wake();
        return _closed.Task;
    }

    /// <summary>The executor's call: one Step, and what follows from it. Only for one that was enqueued, once.</summary>
    public void Run()
    {
        Invariant.Holds(Interlocked.CompareExchange(ref _state, Running, Queued) == Queued);
        if (_closing)
        {
            Volatile.Write(ref _state, Closed);
            _closed.TrySetResult();
            return;
        }
        long began = Executor.Time.GetTimestamp();
        Volatile.Write(ref _stepBegan, began);
        Times.Enter(StepState.Busy, began);
        var result = Step();
        Volatile.Write(ref _stepBegan, NoStep);
        long ended = Executor.Time.GetTimestamp();
        Times.Enter(result switch { StepResult.Ready => StepState.Queued, StepResult.Blocked => StepState.Backpressured, _ => StepState.Idle }, ended);
        if (Executor.Time.GetElapsedTime(began, ended) is var took && took >= StepIsLong)
        {
            SteppedLong(took);
        }
        if (result != StepResult.Ready && Interlocked.CompareExchange(ref _state, Idle, Running) == Running)
        {
            return;
        }
        Volatile.Write(ref _state, Queued);
        Executor.Enqueue(this, urgent: false);
    }

    /// <summary>A Step took long.</summary>
    protected virtual void SteppedLong(TimeSpan took)
    {
    }

    /// <summary>Does a bounded amount of work; never blocks, never throws.</summary>
    protected abstract StepResult Step();
}
