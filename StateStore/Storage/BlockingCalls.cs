namespace Weir.StateStore;

/// <summary>Runs calls that block on a disk, on threads of their own: the runtime's pool has as many threads as cores, and a few calls to sync a file would hold all of them.</summary>
/// <remarks>Thread: any. Threads are made when all are busy, up to a bound, and end when they had nothing to do for a while.</remarks>
internal static class BlockingCalls
{
    // As many calls as disks usually take at once; more of them wait their turn.
    private const int ThreadsMax = 16;

    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(10);
    private static readonly object Gate = new(); // A monitor: threads wait on it.
    private static readonly Queue<Action> Waiting = new();
    private static int s_threads;
    private static int s_idle;

    /// <summary>Runs a call; what follows it runs elsewhere.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellation">Gives up before it has begun; once begun it is run to its end.</param>
    public static Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellation);
        }
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Queue(() =>
        {
            if (cancellation.IsCancellationRequested)
            {
                result.SetCanceled(cancellation);
                return;
            }
            try
            {
                result.SetResult(call());
            }
#pragma warning disable CA1031 // Whoever awaits it gets it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                result.SetException(failure);
            }
        });
        return result.Task;
    }

    private static void Queue(Action call)
    {
        lock (Gate)
        {
            Waiting.Enqueue(call);
            if (s_idle >= Waiting.Count)
            {
                Monitor.Pulse(Gate);
                return;
            }
            if (s_threads == ThreadsMax)
            {
                return;
            }
            s_threads++;
        }
        new Thread(Work) { Name = "weir storage", IsBackground = true }.Start();
    }

    private static void Work()
    {
        while (Next() is { } call)
        {
            call();
        }
    }

    private static Action? Next()
    {
        lock (Gate)
        {
            while (Waiting.Count == 0)
            {
                s_idle++;
                bool woken = Monitor.Wait(Gate, IdleMax);
                s_idle--;
                if (!woken && Waiting.Count == 0)
                {
                    s_threads--;
                    return null;
                }
            }
            return Waiting.Dequeue();
        }
    }
}
