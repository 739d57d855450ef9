using Weir.Runtime.Tasks;

namespace Weir.Testing;

/// <summary>Runs everything of a job on the caller's thread, in an order that a seed chooses, in virtual time.</summary>
/// <remarks>A crash is that nobody calls it any more: all that was under way is forgotten, as with a process.</remarks>
internal sealed class SimulatedExecutor(SimulatedTime time, Random chance) : IExecutor
{
    private readonly List<Runnable> _ready = [];
    private readonly List<Lane> _lanes = [];
    private readonly List<Action> _events = [];
    private readonly List<Coroutine> _threads = [];
    private int _thread = Environment.CurrentManagedThreadId;
    private Lane? _background;

    public TimeProvider Time => time;

    public bool IsUrgent => chance.Next(64) == 0;

    public long Steps { get; private set; }

    public void Enqueue(Runnable runnable, bool urgent)
    {
        RequireOwnThread();
        _ready.Add(runnable);
    }

    public SynchronizationContext CreateLane(string name)
    {
        var lane = new Lane(this);
        _lanes.Add(lane);
        return lane;
    }

    public void RunInBackground(Func<Task> work)
    {
        if (_background is null)
        {
            _lanes.Add(_background = new Lane(this));
        }
        _background.Post(_ => _ = work(), null);
    }

    public Task RunOnThread(string name, Action run)
    {
        var thread = new Coroutine(run);
        _threads.Add(thread);
        Later(thread.GoOn);
        return thread.Over;
    }

    public ISignal CreateSignal() => new Signal(this);

    /// <summary>From here on it is the caller's thread that everything runs on.</summary>
    public void RunHere() => _thread = Environment.CurrentManagedThreadId;

    /// <summary>Code on a thread of its own lets others go on, for a while.</summary>
    public void Dawdle()
    {
        var thread = Coroutine.Current!;
        Later(thread.GoOn);
        thread.Yield();
    }

    /// <summary>The process is gone: threads that wait for something wait no longer.</summary>
    public void Abandon()
    {
        foreach (var thread in _threads)
        {
            thread.Dispose();
        }
        _threads.Clear();
    }

    /// <summary>Something of the outside world that will happen at some later step.</summary>
    public void Later(Action happens) => _events.Add(happens);

    /// <summary>Whether nothing is left to do until a timer goes off.</summary>
    public bool IsAtRest => _ready.Count == 0 && _events.Count == 0 && LanesWithMore() == 0 && !time.HasDue;

    /// <summary>Does one thing, in which some time passes; false when there is nothing left that could ever happen.</summary>
    public bool Step()
    {
        Steps++;
        time.Advance(chance.Next(1, 4000)); // Up to 0.4 ms.
        return time.RunDue() || RunOne() || time.RunNext();
    }

    /// <summary>Does one thing that is ready, while time stands still; false when nothing is.</summary>
    public bool RunOne()
    {
        int lanes = LanesWithMore();
        int choices = _ready.Count + (2 * lanes) + _events.Count;
        if (choices == 0)
        {
            return false;
        }
        int choice = chance.Next(choices);
        if (choice < _ready.Count)
        {
            Take(_ready, choice).Run();
        }
        else if ((choice -= _ready.Count) < 2 * lanes)
        {
            LaneWithMore(choice / 2).RunOne();
        }
        else
        {
            Take(_events, choice - (2 * lanes))();
        }
        return true;
    }

    private void RequireOwnThread()
    {
        if (Environment.CurrentManagedThreadId != _thread && Coroutine.Current is null)
        {
            throw new InvalidOperationException("Another thread called into a job that runs on one only, in an order that a seed chooses: it would not replay. Sources and operators of such a job start no threads of their own.");
        }
    }

    private int LanesWithMore()
    {
        int count = 0;
        foreach (var lane in _lanes)
        {
            count += lane.HasMore ? 1 : 0;
        }
        return count;
    }

    private Lane LaneWithMore(int number)
    {
        foreach (var lane in _lanes)
        {
            if (lane.HasMore && number-- == 0)
            {
                return lane;
            }
        }
        throw new ArgumentOutOfRangeException(nameof(number));
    }

    private static T Take<T>(List<T> list, int index)
    {
        var taken = list[index];
        list.RemoveAt(index);
        return taken;
    }

    /// <summary>Lets one waiting pass, at some later step.</summary>
    private sealed class Signal(SimulatedExecutor executor) : ISignal
    {
        private Coroutine? _waiting;
        private bool _isSet;

        public void Set()
        {
            if (_waiting is { } thread)
            {
                _waiting = null;
                executor.Later(thread.GoOn);
                return;
            }
            _isSet = true;
        }

        public void Wait(CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_isSet)
            {
                _waiting = Coroutine.Current!;
                using var cancelled = cancellation.Register(Set);
                _waiting.Yield();
            }
            _isSet = false;
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private sealed class Lane(SimulatedExecutor executor) : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();

        public bool HasMore => _posted.Count > 0;

        public override void Post(SendOrPostCallback d, object? state)
        {
            executor.RequireOwnThread();
            _posted.Enqueue((d, state));
        }

        public void RunOne()
        {
            var (callback, state) = _posted.Dequeue();
            var outer = Current;
            SetSynchronizationContext(this);
            try
            {
                callback(state);
            }
            finally
            {
                SetSynchronizationContext(outer);
            }
        }
    }
}
