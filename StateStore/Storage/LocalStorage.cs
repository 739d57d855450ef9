using System.Collections.Concurrent;

namespace Weir.StateStore;

/// <summary>Checkpoints in a folder of this machine, or of a share.</summary>
/// <remarks>
/// A file is written under a temporary name, synced, and renamed: it is there whole or not at all. The folder is synced with each file that is written whole,
/// which makes the names of all in it durable at once. Temporary files of a process that died are never listed, and go with their folder. Thread: any.
/// </remarks>
public sealed class LocalStorage : ICheckpointStorage
{
    internal const string TemporaryMark = ".tmp-";

    private readonly string _root;
    private readonly bool _fsync;

    // Folders below the root whose names this process has seen durable; a checkpoint's goes when it is deleted.
    private readonly ConcurrentDictionary<string, bool> _durableFolders = new(StringComparer.Ordinal);

    /// <summary>Uses a folder; it is made with the first file.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="fsync">Off only to measure what the disk costs: files may then be lost or torn by a power failure.</param>
    public LocalStorage(string root, bool fsync = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _fsync = fsync;
    }

    /// <inheritdoc/>
    public string Location => _root;

    /// <inheritdoc/>
    public ValueTask<ICheckpointFile> CreateAsync(string name, CancellationToken cancellation) =>
        RunAsync<ICheckpointFile>(name, path => Open(name, path, replace: false, syncName: false), cancellation);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancellation)
    {
        var file = await RunAsync(name, path => Open(name, path, replace, syncName: _fsync), cancellation);
        await using (file)
        {
            await file.AppendAsync(content, cancellation);
            await file.CommitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellation) =>
        RunAsync(
            name,
            path =>
            {
                var file = new FileInfo(path);
                return file.Exists ? file.Length : (long?)null;
            },
            cancellation);

    /// <inheritdoc/>
    public ValueTask<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return RunAsync(name, path => Read(name, path, offset, length), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation) =>
        RunAsync<IReadOnlyList<string>>(
            folder,
            path => !Directory.Exists(path)
                ? []
                : [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                    .Where(file => !Path.GetFileName(file).Contains(TemporaryMark, StringComparison.Ordinal))
                    .Select(file => Path.GetRelativePath(_root, file).Replace(Path.DirectorySeparatorChar, '/'))
                    .Order(StringComparer.Ordinal)],
            cancellation);

    /// <inheritdoc/>
    public ValueTask<StoreSurvey> SurveyAsync(string folder, CancellationToken cancellation) =>
        RunAsync(
            folder,
            path => !Directory.Exists(path)
                ? new StoreSurvey([], DateTimeOffset.MinValue)
                : new StoreSurvey([.. new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Exists).Select(Describe)], ClockOf(path)),
            cancellation);

    /// <inheritdoc/>
    public async ValueTask DeleteFolderAsync(string folder, CancellationToken cancellation) =>
        await RunAsync(
            folder,
            path =>
            {
                Delete(path);
                _durableFolders.TryRemove(path, out _);
                return true;
            },
            cancellation);

    /// <inheritdoc/>
    public ValueTask<IJobLock> LockAsync(string job, int slot, Action<CheckpointStorageException> lost, CancellationToken cancellation) =>
        RunAsync<IJobLock>(CheckpointPaths.LockFile(job, slot), path => LocalJobLock.Take(this, job, slot, path), cancellation);

    // A copy may bring the time of its original along, but was made when it came here.
    private StoredFile Describe(FileInfo file) => new(
        Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'),
        file.Length,
        file.LastWriteTimeUtc > file.CreationTimeUtc ? file.LastWriteTimeUtc : file.CreationTimeUtc,
        !file.Name.Contains(TemporaryMark, StringComparison.Ordinal));

    /// <summary>The time of the file system, which may be another machine's.</summary>
    private static DateTimeOffset ClockOf(string folder)
    {
        using var asked = new FileStream(Path.Combine(folder, $"clock{TemporaryMark}{Guid.NewGuid():n}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        return File.GetLastWriteTimeUtc(asked.SafeFileHandle);
    }

    private LocalFile Open(string name, string path, bool replace, bool syncName)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (_fsync)
        {
            DurableFile.CreateFolder(_root);
        }
        Directory.CreateDirectory(folder);
        string temporary = $"{path}{TemporaryMark}{Guid.NewGuid():n}";
        return new LocalFile(this, name, path, temporary, File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write), replace, _fsync, syncName);
    }

    private byte[] Read(string name, string path, long offset, int length)
    {
        using var file = File.OpenHandle(path);
        // Asked before the buffer is made: a wrong length must not cost memory.
        long available = RandomAccess.GetLength(file) - offset;
        if (available < length)
        {
            throw new CheckpointStorageException(
                StorageFailure.Damaged, name, $"{name} in {_root} ends at {available + offset}; {length} bytes at {offset} were asked for.");
        }
        byte[] bytes = new byte[length];
        int filled = 0;
        while (filled < length)
        {
            int read = RandomAccess.Read(file, bytes.AsSpan(filled), offset + filled);
            if (read == 0)
            {
                throw new CheckpointStorageException(StorageFailure.Damaged, name, $"{name} in {_root} became shorter while it was read.");
            }
            filled += read;
        }
        return bytes;
    }

    /// <summary>Makes durable the names of all files of a folder, and its own and those above it as far as they are new.</summary>
    /// <remarks>Here, once for all files of a checkpoint, and not where the folder is made, for each sync is a wait for the disk.</remarks>
    internal void SyncNames(string folder)
    {
        DurableFile.SyncFolder(folder);
        while (folder.Length > _root.Length && !_durableFolders.ContainsKey(folder))
        {
            string above = Path.GetDirectoryName(folder)!;
            DurableFile.SyncFolder(above);
            _durableFolders[folder] = true;
            folder = above;
        }
    }

    private static void Delete(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        // `_metadata` sorts before the files it names: a deletion that is cut short leaves no folder that looks complete.
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList())
        {
            File.Delete(file);
        }
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Runs a file operation off the caller's thread, and says its failures in the port's words.</summary>
    internal async ValueTask<T> RunAsync<T>(string name, Func<string, T> operation, CancellationToken cancellation)
    {
        string path = PathOf(name);
        try
        {
            return await BlockingCalls.RunAsync(() => operation(path), cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageFaults.Translate(e, name, _root);
        }
    }

    /// <summary>The path of a name; a name that would leave the root, or that not every file system takes, is refused.</summary>
    private string PathOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length > 0 && (!StorageName.IsValid(name) || name.Contains(TemporaryMark, StringComparison.Ordinal)))
        {
            throw StorageName.Refused(name);
        }
        return name.Length == 0 ? _root : Path.Combine(_root, name.Replace('/', Path.DirectorySeparatorChar));
    }
}
