using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Storage for the files of one checkpoint: a call that fails is said to the coordinator, and made again until the checkpoint ends.</summary>
/// <remarks>
/// Before the switch the coordinator answers a failure by giving the checkpoint up, which ends the waiting here. After it the checkpoint
/// may not be given up: the same call is made until it succeeds or its transaction is too old.
/// </remarks>
internal sealed class PatientStorage(ICheckpointStorage inner, TimeProvider time, Action<Exception> failed, CancellationToken ended) : ICheckpointStorage
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public string Location => inner.Location;

    // Of every call, whatever its caller says: one that the store does not answer must not outlive the checkpoint.
    private CancellationToken Ended => ended;

    public async ValueTask<ICheckpointFile> CreateAsync(string name, CancellationToken cancellation) =>
        new PatientFile(await TryUntilEnded(() => inner.CreateAsync(name, ended)), this);

    public async ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancellation) =>
        await TryUntilEnded(() => Do(inner.WriteAsync(name, content, replace, ended)));

    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellation) => inner.LengthAsync(name, cancellation);

    public ValueTask<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation) => inner.ReadAsync(name, offset, length, cancellation);

    public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation) => inner.ListAsync(folder, cancellation);

    public ValueTask<StoreSurvey> SurveyAsync(string folder, CancellationToken cancellation) => inner.SurveyAsync(folder, cancellation);

    public ValueTask DeleteFolderAsync(string folder, CancellationToken cancellation) => inner.DeleteFolderAsync(folder, cancellation);

    public ValueTask<IJobLock> LockAsync(string job, int slot, Action<CheckpointStorageException> lost, CancellationToken cancellation) => inner.LockAsync(job, slot, lost, cancellation);

    private static async ValueTask<bool> Do(ValueTask call)
    {
        await call;
        return true;
    }

    private async ValueTask<T> TryUntilEnded<T>(Func<ValueTask<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (CheckpointStorageException failure) when (!ended.IsCancellationRequested)
            {
                failed(failure);
            }
            await Task.Delay(Pause, time, ended);
        }
    }

    private sealed class PatientFile(ICheckpointFile file, PatientStorage storage) : ICheckpointFile
    {
        public long Length => file.Length;

        public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
            await storage.TryUntilEnded(() => Do(file.AppendAsync(bytes, storage.Ended)));

        public async ValueTask CommitAsync(CancellationToken cancellation) =>
            await storage.TryUntilEnded(() => Do(file.CommitAsync(storage.Ended)));

        public ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
