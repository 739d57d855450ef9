namespace Weir.StateStore;

/// <summary>Keeps a second process away from a job whose checkpoints lie in a local folder.</summary>
/// <remarks>
/// Holds a file open that nobody else may open (share mode on Windows, flock on Unix); the system lets go when the process ends, however it ends.
/// The file stays: deleting it would let two processes lock two files of one name.
/// </remarks>
public sealed class JobLock : IDisposable
{
    private readonly FileStream _file;

    private JobLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of a slot of a job.</summary>
    /// <param name="root">The folder of the <see cref="LocalStorage"/>.</param>
    /// <param name="job">The job's name.</param>
    /// <param name="slot">The slot.</param>
    /// <exception cref="CheckpointStorageException">Another process holds it (<see cref="StorageFailure.Unavailable"/>), or the file can't be made.</exception>
    public static JobLock Take(string root, string job, int slot)
    {
        string name = CheckpointPaths.LockFile(job, slot);
        string path = Path.GetFullPath(Path.Combine(root, name));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new JobLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw StorageFaults.Translate(e, name, root);
        }
        catch (IOException e)
        {
            throw new CheckpointStorageException(
                StorageFailure.Unavailable, name, $"The job '{job}' seems to run already: {path} is locked by another process ({e.Message})", e);
        }
    }

    /// <summary>Lets go.</summary>
    public void Dispose() => _file.Dispose();
}
