using Microsoft.Extensions.Logging;
using Weir.Runtime.Diagnostics;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Where savepoints are ordered, in whatever state the job is, and handed to the attempt that processes: one after another.</summary>
/// <remarks>One a job, for all its attempts. Thread: any. The checkpoint that a savepoint is copied from is kept until the copy is durable, also when the attempt that took it is over.</remarks>
/// <param name="storage">Where savepoints lie.</param>
/// <param name="job">The job's name.</param>
/// <param name="silenceMax">A copy that does not get on for so long is given up: the store is away.</param>
/// <param name="time">The job's clock.</param>
/// <param name="logger">The job's log.</param>
internal sealed class SavepointDesk(ICheckpointStorage storage, string job, TimeSpan silenceMax, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Queue<SavepointOrder> _orders = new();
    private CancellationToken _cancel;
    private Task _copy = Task.CompletedTask;
    private IReadOnlyList<string> _copied = [];
    private string? _over;
    private Action? _ring;

    /// <summary>Whether one waits, and may be taken now.</summary>
    public bool HasNext
    {
        get
        {
            lock (_lock)
            {
                return _orders.Count > 0 && _copied.Count == 0;
            }
        }
    }

    /// <summary>Names of the folders that are being copied from: the checkpoint's, and those it references. Empty where nothing is copied.</summary>
    public IReadOnlyList<string> Copied
    {
        get
        {
            lock (_lock)
            {
                return _copied;
            }
        }
    }

    /// <summary>Orders one; where the job is over it has failed already.</summary>
    public SavepointOrder Order(SavepointRequest request)
    {
        var order = new SavepointOrder(request, CheckpointPaths.SavepointFolder(job, request.Name), time.GetTimestamp());
        Action? ring;
        lock (_lock)
        {
            if (_over is not null)
            {
                order.Fail(_over);
                return order;
            }
            _orders.Enqueue(order);
            ring = _ring;
        }
        ring?.Invoke();
        return order;
    }

    /// <summary>An attempt processes: it is told of every change that may let it take an order; null when it is over.</summary>
    public void Ring(Action? ring)
    {
        lock (_lock)
        {
            _ring = ring;
        }
    }

    /// <summary>Takes the next order that is still wanted.</summary>
    public SavepointOrder? TakeNext()
    {
        lock (_lock)
        {
            while (_copied.Count == 0 && _orders.TryDequeue(out var order))
            {
                if (!order.Done.IsCompleted)
                {
                    return order;
                }
            }
            return null;
        }
    }

    /// <summary>Copies a committed checkpoint into the savepoint, beside whatever the job does. Called on the job's lane.</summary>
    /// <returns>Completes when the order has ended, either way; whether the savepoint is durable.</returns>
    public Task<bool> CopyAsync(SavepointOrder order, string folder, CheckpointMetadata metadata)
    {
        lock (_lock)
        {
            _copied = [CheckpointPaths.LastPart(folder), .. metadata.References];
        }
        var copying = RunAsync(order, folder, metadata);
        _copy = copying;
        return copying;
    }

    /// <summary>The job's run begins.</summary>
    /// <param name="cancel">Ends all at once, also what is being copied.</param>
    public void Open(CancellationToken cancel) => _cancel = cancel;

    /// <summary>The job is over: what waits will not be made, what is being copied is. Called on the job's lane.</summary>
    public Task CloseAsync(string why)
    {
        lock (_lock)
        {
            _over = why;
            foreach (var order in _orders)
            {
                order.Fail(why);
            }
            _orders.Clear();
        }
        return _copy;
    }

    private async Task<bool> RunAsync(SavepointOrder order, string folder, CheckpointMetadata metadata)
    {
        string name = order.Request.Name;
        try
        {
            var writer = new SavepointWriter(storage, folder, metadata, name);
            await WriteAsync(writer, order.Folder);
            var made = new Savepoint(name, order.Folder, metadata.CheckpointId, writer.Bytes, metadata.InFlightRecords, time.GetElapsedTime(order.OrderedAt));
            logger.SavepointMade(name, job, made.CheckpointId, made.Location, made.Bytes, made.Duration.TotalMilliseconds);
            order.Succeed(made);
            return true;
        }
        catch (CheckpointStorageException failure)
        {
            logger.SavepointFailed(name, job, failure.Message);
            order.Fail(failure.Message, failure);
            return false;
        }
        catch (OperationCanceledException)
        {
            order.Fail("the job was told to end at once");
            return false;
        }
        finally
        {
            Action? ring;
            lock (_lock)
            {
                _copied = [];
                ring = _ring;
            }
            ring?.Invoke();
        }
    }

    private async Task WriteAsync(SavepointWriter writer, string to)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_cancel);
        // A delay that is cancelled tells who waits for it from another thread, which a job in simulation does not have: so it is not.
        using var over = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        using var telling = _cancel.Register(cancelled.SetResult);
        var writing = writer.WriteAsync(to, ended.Token);
        while (!writing.IsCompleted)
        {
            long before = writer.Steps;
            await Task.WhenAny(writing, cancelled.Task, Task.Delay(silenceMax, time, over.Token));
            if (!writing.IsCompleted && (writer.Steps == before || _cancel.IsCancellationRequested))
            {
                ended.Cancel();
                _cancel.ThrowIfCancellationRequested();
                throw new CheckpointStorageException(StorageFailure.Unavailable, to, $"{storage.Location} has not answered for {silenceMax}");
            }
        }
        over.Cancel();
        await writing;
    }
}
