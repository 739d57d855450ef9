using System.Collections.Concurrent;
using Weir.Runtime.Tasks;

namespace Weir.Tests.Doubles;

/// <summary>Runs nothing by itself: what is queued, posted or handed to the background waits until a test says so.</summary>
internal sealed class HandExecutor : IExecutor
{
    private const int StepsMax = 1_000_000; // More is a job that never comes to rest.

    private readonly List<HandLane> _lanes = [];
    private readonly HandLane _background = new();

    public ManualClock Clock { get; } = new();

    TimeProvider IExecutor.Time => Clock;

    public bool IsUrgent { get; set; }

    /// <summary>What was queued and not yet run, in order.</summary>
    public List<Runnable> Ready { get; } = [];

    /// <summary>How many pieces of background work have not begun, or wait to go on.</summary>
    public int BackgroundCount => _background.Count;

    public void Enqueue(Runnable runnable, bool urgent) => Ready.Add(runnable);

    public SynchronizationContext CreateLane(string name)
    {
        var lane = new HandLane();
        _lanes.Add(lane);
        return lane;
    }

    public void RunInBackground(Func<Task> work) => _background.Post(_ => _ = work(), null);

    public Task RunOnThread(string name, Action run) => throw new NotSupportedException("Nothing blocks here.");

    public ISignal CreateSignal() => throw new NotSupportedException("Nothing blocks here.");

    /// <summary>Runs a runnable once, if it is queued.</summary>
    public bool Run(Runnable runnable)
    {
        bool queued = Ready.Remove(runnable);
        if (queued)
        {
            runnable.Run();
        }
        return queued;
    }

    /// <summary>Runs all background work, as far as it gets.</summary>
    public void RunBackground()
    {
        while (_background.RunOne())
        {
        }
    }

    /// <summary>Runs everything until nothing is left that could run; time stands still.</summary>
    public void Settle()
    {
        for (int step = 0; step < StepsMax; step++)
        {
            if (!_lanes.Any(lane => lane.RunOne()) && !_background.RunOne())
            {
                if (Ready.Count == 0)
                {
                    return;
                }
                Run(Ready[0]);
            }
        }
        throw new InvalidOperationException("It never comes to rest.");
    }

    /// <summary>Moves time on, timer by timer, and settles after each.</summary>
    public void Advance(TimeSpan time)
    {
        Settle();
        while (Clock.UntilNext is { } until && until <= time)
        {
            Clock.Pass(until);
            time -= until;
            while (Clock.FireNext())
            {
                Settle();
            }
        }
        Clock.Pass(time);
        Settle();
    }

    private sealed class HandLane : SynchronizationContext
    {
        private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _posted = new();

        public int Count => _posted.Count;

        public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

        public bool RunOne()
        {
            if (!_posted.TryDequeue(out var next))
            {
                return false;
            }
            var outer = Current;
            SetSynchronizationContext(this);
            try
            {
                next.Callback(next.State);
            }
            finally
            {
                SetSynchronizationContext(outer);
            }
            return true;
        }
    }
}
