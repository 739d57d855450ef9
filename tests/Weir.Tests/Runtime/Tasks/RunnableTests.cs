using Weir.Runtime.Tasks;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>No wake-up is lost, and no two threads step at once.</summary>
public sealed class RunnableTests
{
    private readonly HandExecutor _executor = new();

    [Fact]
    public void A_wake_up_queues_it_once()
    {
        var runnable = new Scripted(_executor, () => StepResult.Idle);
        runnable.Wake();
        runnable.Wake();
        Assert.Single(_executor.Ready);
    }

    [Theory, InlineData((int)StepResult.Idle), InlineData((int)StepResult.Blocked)]
    public void At_rest_it_is_queued_again_by_the_next_wake_up(int result)
    {
        var runnable = new Scripted(_executor, () => (StepResult)result);
        runnable.Wake();
        _executor.Run(runnable);
        Assert.Empty(_executor.Ready);
        runnable.Wake();
        Assert.Single(_executor.Ready);
    }

    [Theory, InlineData((int)StepResult.Idle), InlineData((int)StepResult.Blocked), InlineData((int)StepResult.Ready)]
    public void A_wake_up_while_it_steps_makes_it_step_once_more(int result)
    {
        Scripted runnable = null!;
        runnable = new Scripted(_executor, () =>
        {
            runnable.Wake();
            runnable.Wake();
            return (StepResult)result;
        });
        runnable.Wake();
        _executor.Run(runnable);
        Assert.Single(_executor.Ready);
    }

    [Fact]
    public void One_that_is_ready_is_queued_again()
    {
        var runnable = new Scripted(_executor, () => StepResult.Ready);
        runnable.Wake();
        _executor.Run(runnable);
        Assert.Single(_executor.Ready);
    }

    [Fact]
    public void A_close_completes_when_it_is_run_and_nothing_steps_afterwards()
    {
        var runnable = new Scripted(_executor, () => StepResult.Idle);
        var closed = runnable.CloseAsync();
        Assert.False(closed.IsCompleted);
        _executor.Run(runnable);
        Assert.True(closed.IsCompleted);
        runnable.Wake();
        Assert.Empty(_executor.Ready);
        Assert.Equal(0, runnable.Steps);
    }

    [Fact]
    public void A_close_while_it_steps_waits_for_the_step()
    {
        Scripted runnable = null!;
        Task? closed = null;
        runnable = new Scripted(_executor, () =>
        {
            closed = runnable.CloseAsync();
            return StepResult.Idle;
        });
        runnable.Wake();
        _executor.Run(runnable);
        Assert.False(closed!.IsCompleted);
        _executor.Run(runnable);
        Assert.True(closed.IsCompleted);
        Assert.Equal(1, runnable.Steps);
    }

    [Fact]
    public void Who_runs_one_that_is_not_queued_breaks_an_invariant()
    {
        var runnable = new Scripted(_executor, () => StepResult.Idle);
        Assert.Throws<InvalidOperationException>(runnable.Run);
    }

    [Fact]
    public async Task Of_many_threads_no_wake_up_is_lost_and_no_two_step_at_once()
    {
        const int Wakers = 4;
        const int WakesEach = 50_000;
        using var pool = new PoolExecutor(4, TimeProvider.System);
        long asked = 0, seen = 0;
        int inside = 0, overlaps = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runnable = new Scripted(pool, () =>
        {
            overlaps += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
            seen = Interlocked.Read(ref asked);
            if (seen == Wakers * WakesEach)
            {
                all.TrySetResult();
            }
            Interlocked.Decrement(ref inside);
            return StepResult.Idle;
        });
        var wakers = Enumerable.Range(0, Wakers).Select(_ => Task.Run(() =>
        {
            for (int wake = 0; wake < WakesEach; wake++)
            {
                Interlocked.Increment(ref asked);
                runnable.Wake(urgent: wake % 3 == 0);
            }
        }));
        await Task.WhenAll(wakers);
        await all.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await runnable.CloseAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Task.Yield(); // It may go on here on a worker, which can't wait for its own end.
        Assert.Equal(0, overlaps);
    }

    [Fact]
    public void What_wakes_it_before_it_begins_does_not_get_it_stepped()
    {
        var runnable = new Scripted(_executor, () => StepResult.Idle, begins: false);
        runnable.Wake();
        Assert.Empty(_executor.Ready);
        runnable.Begin();
        runnable.Wake();
        Assert.Single(_executor.Ready);
    }

    private sealed class Scripted : Runnable
    {
        private readonly Func<StepResult> _step;

        public Scripted(IExecutor executor, Func<StepResult> step, bool begins = true)
            : base(executor)
        {
            _step = step;
            if (begins)
            {
                Begin();
            }
        }

        public int Steps { get; private set; }

        protected override StepResult Step()
        {
            Steps++;
            return _step();
        }
    }
}
