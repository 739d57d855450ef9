using System.Collections.Concurrent;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>Steps subtasks on as many threads as the machine has cores; the one file of the engine that starts threads.</summary>
/// <remarks>
/// One run queue under one lock. A worker without work looks a few times more, then parks.
/// Lanes have a thread each: they belong to coordinators and timers, which must turn whatever the workers do.
/// </remarks>
internal sealed class PoolExecutor : IExecutor, IDisposable
{
    // Parking and waking costs some 10 us; work often comes within a few.
    private const int LooksBeforeParking = 30;

    private readonly object _lock = new(); // A monitor: workers wait on it.
    private readonly RunQueue _queue;
    private readonly List<Thread> _threads = [];
    private readonly List<Lane> _lanes = [];
    private readonly BlockingCollection<Func<Task>> _background = [];
    private int _parked;
    private int _queued;
    private volatile bool _isUrgent;
    private bool _stopped;

    /// <summary>Starts the workers.</summary>
    /// <param name="workers">How many; as many as cores is right, also on a shared machine.</param>
    /// <param name="time">The clock.</param>
    public PoolExecutor(int workers, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        Time = time;
        _queue = new RunQueue(workers);
        for (int worker = 0; worker < workers; worker++)
        {
            int number = worker;
            StartThread($"weir worker {worker}", () => Work(number));
        }
        for (int writer = 0; writer < Math.Min(workers, 2); writer++) // More writers than two gained nothing on two cores.
        {
            StartThread($"weir writer {writer}", Write);
        }
    }

    /// <inheritdoc/>
    public TimeProvider Time { get; }

    bool IExecutor.IsUrgent => _isUrgent;

    void IExecutor.Enqueue(Runnable runnable, bool urgent)
    {
        lock (_lock)
        {
            _queue.Enqueue(runnable, urgent);
            Volatile.Write(ref _queued, _queue.Count);
            if (_parked > 0)
            {
                Monitor.Pulse(_lock);
            }
            else if (urgent)
            {
                _isUrgent = true;
            }
        }
    }

    SynchronizationContext IExecutor.CreateLane(string name)
    {
        var lane = new Lane(name);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            _lanes.Add(lane);
        }
        return lane;
    }

    void IExecutor.RunInBackground(Func<Task> work) => _background.Add(work);

    Task IExecutor.RunOnThread(string name, Action run)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            run();
            over.SetResult();
        })
        { Name = name, IsBackground = true };
        thread.Start();
        return over.Task;
    }

    ISignal IExecutor.CreateSignal() => new Signal();

    /// <summary>Ends all threads; nothing may be under way any more. Not on one of its workers or writers: they can't wait for their own end.</summary>
    public void Dispose()
    {
        Invariant.Holds(!_threads.Contains(Thread.CurrentThread));
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
        _background.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }
        foreach (var lane in _lanes)
        {
            lane.Complete();
        }
        _background.Dispose();
    }

    private void StartThread(string name, ThreadStart run)
    {
        var thread = new Thread(run) { Name = name, IsBackground = true };
        _threads.Add(thread);
        thread.Start();
    }

    private void Work(int worker)
    {
        while (Next(worker) is { } runnable)
        {
            runnable.Run();
        }
    }

    private Runnable? Next(int worker)
    {
        for (int look = 0; look < LooksBeforeParking && Volatile.Read(ref _queued) == 0; look++)
        {
            Thread.SpinWait(20);
        }
        lock (_lock)
        {
            while (_queue.Count == 0)
            {
                if (_stopped)
                {
                    return null;
                }
                _parked++;
                Monitor.Wait(_lock);
                _parked--;
            }
            var next = _queue.Dequeue(worker);
            _isUrgent = _queue.IsUrgent;
            Volatile.Write(ref _queued, _queue.Count);
            return next;
        }
    }

    private void Write()
    {
        foreach (var work in _background.GetConsumingEnumerable())
        {
            _ = work(); // It reports its own failures; what it awaits goes on elsewhere.
        }
    }

    private sealed class Signal : ISignal
    {
        private readonly object _lock = new(); // A monitor: somebody waits on it.
        private bool _isSet;

        public void Set()
        {
            lock (_lock)
            {
                _isSet = true;
                Monitor.Pulse(_lock);
            }
        }

        public void Wait(CancellationToken cancellation)
        {
            using var cancelled = cancellation.UnsafeRegister(static it => ((Signal)it!).Set(), this);
            lock (_lock)
            {
                while (!_isSet)
                {
                    Monitor.Wait(_lock);
                }
                _isSet = false;
            }
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private sealed class Lane : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _posted = [];
        private readonly Thread _thread;

        public Lane(string name)
        {
            _thread = new Thread(Run) { Name = name, IsBackground = true };
            _thread.Start();
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            try
            {
                _posted.Add((d, state));
            }
            catch (InvalidOperationException)
            {
                // The lane has ended: its job is over, and nobody waits for this any more.
            }
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("A lane is posted to.");

        public void Complete()
        {
            _posted.CompleteAdding();
            if (Thread.CurrentThread != _thread)
            {
                _thread.Join();
            }
        }

        private void Run()
        {
            SetSynchronizationContext(this);
            foreach (var (callback, state) in _posted.GetConsumingEnumerable())
            {
                callback(state);
            }
        }
    }
}
