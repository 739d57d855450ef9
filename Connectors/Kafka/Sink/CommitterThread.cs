using System.Collections.Concurrent;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>The thread on which an attempt's transaction calls are made: they block, have no asynchronous form, and must not overlap.</summary>
/// <remarks>Bounded by its callers: the coordinator asks one thing at a time, and a renewal follows a commit.</remarks>
internal sealed class CommitterThread : IAsyncDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

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
