using Microsoft.Win32.SafeHandles;

namespace Weir.StateStore;

/// <summary>A file of <see cref="LocalStorage"/> that is being written under a temporary name.</summary>
/// <remarks>Thread: one at a time.</remarks>
internal sealed class LocalFile(LocalStorage storage, string name, string path, string temporary, SafeFileHandle handle, bool replace, bool fsync, bool syncName) : ICheckpointFile
{
    private bool _renamed;
    private bool _committed;

    public long Length { get; private set; }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Invariant.Holds(!_committed);
        try
        {
            await RandomAccess.WriteAsync(handle, bytes, Length, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageFaults.Translate(e, name, storage.Location);
        }
        Length += bytes.Length;
    }

    public async ValueTask CommitAsync(CancellationToken cancellation)
    {
        Invariant.Holds(!_committed);
        await storage.RunAsync(name, Commit, cancellation);
        _committed = true;
    }

    public ValueTask DisposeAsync()
    {
        handle.Dispose();
        if (_renamed)
        {
            return ValueTask.CompletedTask;
        }
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is left is never listed, and goes with its folder.
        }
        return ValueTask.CompletedTask;
    }

    // May run again after it failed at any line.
    private bool Commit(string target)
    {
        Invariant.Holds(target == path);
        if (!_renamed)
        {
            Complete();
            DurableFile.Rename(temporary, path, replace);
            _renamed = true;
        }
        if (syncName)
        {
            storage.SyncNames(Path.GetDirectoryName(path)!);
        }
        return true;
    }

    private void Complete()
    {
        if (!handle.IsClosed)
        {
            if (fsync)
            {
                DurableFile.Sync(handle);
            }
            handle.Dispose();
        }
        long found = new FileInfo(temporary).Length;
        if (found != Length)
        {
            throw new CheckpointStorageException(StorageFailure.Damaged, name, $"{name} in {storage.Location} has {found} bytes; {Length} were written.");
        }
        if (!replace && File.Exists(path))
        {
            throw new CheckpointStorageException(StorageFailure.Exists, name, $"{name} exists in {storage.Location}.");
        }
    }
}
