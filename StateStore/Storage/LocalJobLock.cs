namespace Weir.StateStore;

/// <summary>Keeps a second process away from a job whose checkpoints lie in a local folder.</summary>
/// <remarks>
/// Holds a file open that nobody else may open (share mode on Windows, flock on Unix); the system lets go when the process ends, however it ends, and never before.
/// The file stays: deleting it would let two processes lock two files of one name.
/// </remarks>
internal sealed class LocalJobLock : IJobLock
{
    private readonly LocalStorage _storage;
    private readonly string _pointer;
    private readonly FileStream _file;

    private LocalJobLock(LocalStorage storage, string pointer, FileStream file)
    {
        _storage = storage;
        _pointer = pointer;
        _file = file;
    }

    /// <summary>Takes the lock of a slot of a job.</summary>
    /// <param name="storage">Where its checkpoints lie.</param>
    /// <param name="job">The job's name.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="path">The path of its lock file.</param>
    public static LocalJobLock Take(LocalStorage storage, string job, int slot, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new LocalJobLock(storage, CheckpointPaths.LatestFile(job, slot), new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new CheckpointStorageException(
                StorageFailure.Locked, CheckpointPaths.LockFile(job, slot), $"The job '{job}' seems to run already: {path} is locked by another process ({e.Message})", e);
        }
    }

    public async ValueTask<byte[]?> ReadPointerAsync(CancellationToken cancellation) =>
        await _storage.LengthAsync(_pointer, cancellation) is { } length ? await _storage.ReadAsync(_pointer, 0, checked((int)length), cancellation) : null;

    public ValueTask WritePointerAsync(ReadOnlyMemory<byte> pointer, CancellationToken cancellation) => _storage.WriteAsync(_pointer, pointer, replace: true, cancellation);

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
