using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>The commit of a job without a log: its pointer is the file <c>LATEST</c> of the checkpoint folder, replaced atomically.</summary>
/// <remarks>One host only: the store's lock keeps a second one away. Output of such a job is at-least-once.</remarks>
/// <param name="storage">Where it lies.</param>
/// <param name="job">The job's name.</param>
/// <param name="slot">The slot.</param>
/// <param name="fail">Ends the attempt; called by any thread, when the lock was lost.</param>
internal sealed class FolderCommit(ICheckpointStorage storage, string job, int slot, Action<Exception> fail) : ICheckpointCommit
{
    private readonly string _latest = CheckpointPaths.LatestFile(job, slot);
    private IJobLock? _lock;

    public DateTimeOffset? UploadDeadline => null;

    public async Task<CommitStart> StartAsync(CancellationToken cancellation)
    {
        _lock = await FencedAsync(async () => await storage.LockAsync(job, slot, lost => fail(Fenced(lost)), cancellation));
        return new CommitStart(await ReadPointerAsync(cancellation), GroupHasOffsets: false, ClusterId: null);
    }

    public async Task<CheckpointPointer?> ReadPointerAsync(CancellationToken cancellation)
    {
        if (await _lock!.ReadPointerAsync(cancellation) is not { } bytes)
        {
            return null;
        }
        try
        {
            return CheckpointPointer.Parse(bytes, _latest);
        }
        catch (CheckpointStorageException broken) when (broken.Reason is StorageFailure.Damaged or StorageFailure.OtherFormat)
        {
            throw new JobException(
                JobFailure.Configuration,
                $"Which checkpoint of job '{job}' counts can't be read. {broken.Message.TrimEnd('.')}. Bring the file back, or start the job under a new name.",
                broken);
        }
    }

    public async Task<bool> CommitFirstAsync(CheckpointPointer pointer, CancellationToken cancellation)
    {
        await CommitAsync(pointer, cancellation);
        return true;
    }

    public void Compare(IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions)
    {
        // Positions are committed nowhere else.
    }

    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task MaySwitchAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task SwitchAsync(long checkpoint, CancellationToken cancellation) => Task.CompletedTask;

    public Task PrepareAsync(CheckpointPointer pointer, IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions, CancellationToken cancellation) => Task.CompletedTask;

    public Task CommitAsync(CheckpointPointer pointer, CancellationToken cancellation) => FencedAsync(async () =>
    {
        await _lock!.WritePointerAsync(pointer.Serialize(), cancellation);
        return true;
    });

    public ValueTask DisposeAsync() => _lock?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<T> FencedAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (CheckpointStorageException held) when (held.Reason == StorageFailure.Locked)
        {
            throw Fenced(held);
        }
    }

    private static JobException Fenced(CheckpointStorageException held) => new(JobFailure.Fenced, held.Message, held);
}

/// <summary>The connectors of a job without a log.</summary>
internal sealed class FolderConnectors(ICheckpointStorage storage, string job, int slot, Action<Exception> fail) : IConnectors
{
    public ICheckpointCommit Commit { get; } = new FolderCommit(storage, job, slot, fail);

    public ISource<T> OpenSource<T>(LogSource<T> source) => throw NoLog(source.Name);

    public ISink<T> OpenSink<T>(LogSink<T> sink) => throw NoLog(sink.Name);

    public ValueTask DisposeAsync() => Commit.DisposeAsync();

    private static InvalidOperationException NoLog(string name) => new($"'{name}' is a log, but the job was planned without one.");
}
