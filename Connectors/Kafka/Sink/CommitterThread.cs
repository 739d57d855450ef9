using System.Collections.Concurrent;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>The thread on which an attempt's transaction calls are made: they block, have no asynchronous form, and must not overlap.</summary>
/// <remarks>
/// Bounded by its callers: the coordinator asks one thing at a time, and a renewal follows a commit. A call may never return; the thread is then left behind with it,
/// and what was asked for after it happens if it does return after all.
/// </remarks>
internal sealed class CommitterThread : IAsyncDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _leftBehind;

    public CommitterThread(string job)
    {
        var thread = new Thread(Run) { IsBackground = true, Name = $"weir committer {job}" };
        thread.Start();
    }

    /// <summary>Makes a call, after those that were asked for before.</summary>
    public Task<T> RunAsync<T>(Func<T> call)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(call());
            }
            catch (OperationCanceledException cancelled)
            {
                done.SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Action call) => RunAsync(() =>
    {
        call();
        return true;
    });

    /// <summary>Whether nobody waits for this thread any more.</summary>
    public bool IsLeftBehind => Volatile.Read(ref _leftBehind) == 1;

    /// <summary>Gives the thread up, once: it does what was asked for so far, makes a last call and ends, whenever that may be.</summary>
    public bool TryLeaveBehind(Action last)
    {
        if (Interlocked.Exchange(ref _leftBehind, 1) == 1)
        {
            return false;
        }
        _ = RunAsync(last);
        _work.CompleteAdding();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _work.CompleteAdding();
        await _ended.Task.ConfigureAwait(false);
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var call in _work.GetConsumingEnumerable())
        {
            call();
        }
        _ended.SetResult();
    }
}
