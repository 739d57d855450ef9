using Weir.Runtime.Tasks;

namespace Weir.Tests.Doubles;

/// <summary>Steps a job on one thread, and counts what the Steps allocate; all else is a pool's.</summary>
internal sealed class CountingExecutor : IExecutor, IDisposable
{
    private readonly PoolExecutor _pool = new(workers: 1, TimeProvider.System);
    private readonly object _lock = new(); // A monitor: the worker waits on it.
    private readonly Queue<Runnable> _ready = new();
    private readonly Thread _worker;
    private readonly List<long> _allocated = [];
    private bool _stopped;

    public CountingExecutor()
    {
        _worker = new Thread(Work) { Name = "counted worker", IsBackground = true };
        _worker.Start();
    }

    /// <summary>Forgets what was counted.</summary>
    public void Reset()
    {
        lock (_allocated)
        {
            _allocated.Clear();
        }
    }

    /// <summary>Bytes that Steps allocated, without the few that allocated most: a buffer that grows does so in one Step, what a record allocates is in all.</summary>
    public long AllocatedBut(int largest)
    {
        lock (_allocated)
        {
            return _allocated.OrderDescending().Skip(largest).Sum();
        }
    }

    TimeProvider IExecutor.Time => TimeProvider.System;

    bool IExecutor.IsUrgent => false;

    void IExecutor.Enqueue(Runnable runnable, bool urgent)
    {
        lock (_lock)
        {
            _ready.Enqueue(runnable);
            Monitor.Pulse(_lock);
        }
    }

    SynchronizationContext IExecutor.CreateLane(string name) => ((IExecutor)_pool).CreateLane(name);

    void IExecutor.RunInBackground(Func<Task> work) => ((IExecutor)_pool).RunInBackground(work);

    Task IExecutor.RunOnThread(string name, Action run) => ((IExecutor)_pool).RunOnThread(name, run);

    ISignal IExecutor.CreateSignal() => ((IExecutor)_pool).CreateSignal();

    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.Pulse(_lock);
        }
        _worker.Join();
        _pool.Dispose();
    }

    private void Work()
    {
        while (Next() is { } runnable)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            runnable.Run();
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            lock (_allocated)
            {
                _allocated.Add(allocated);
            }
        }
    }

    private Runnable? Next()
    {
        lock (_lock)
        {
            while (_ready.Count == 0 && !_stopped)
            {
                Monitor.Wait(_lock);
            }
            return _stopped ? null : _ready.Dequeue();
        }
    }
}
