using Weir.StateStore;

namespace Weir.Testing;

/// <summary>What lies on the disk of a simulated machine: survives a crash, as far as it was committed.</summary>
internal sealed class SimulatedDisk
{
    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);
}

/// <summary>Storage whose calls take time. One a life.</summary>
internal class SimulatedStorage(SimulatedDisk disk, SimulatedExecutor executor) : ICheckpointStorage
{
    private readonly HashSet<string> _locked = new(StringComparer.Ordinal); // The life's: a crash lets go.

    protected SimulatedExecutor Executor => executor;

    public string Location => "simulated";

    public async ValueTask<ICheckpointFile> CreateAsync(string name, CancellationToken cancellation)
    {
        await CallAsync(name, cancellation, mayBeSilent: true);
        return new SimulatedFile(this, name);
    }

    public async ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancellation)
    {
        await CallAsync(name, cancellation);
        Put(name, content.ToArray(), replace);
    }

    public async ValueTask<long?> LengthAsync(string name, CancellationToken cancellation)
    {
        await CallAsync(name, cancellation);
        return disk.Files.TryGetValue(name, out var content) ? content.Length : null;
    }

    public async ValueTask<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        await CallAsync(name, cancellation);
        if (!disk.Files.TryGetValue(name, out var content))
        {
            throw new CheckpointStorageException(StorageFailure.Missing, name, $"There is no {name}.");
        }
        return offset <= content.Length - length
            ? content[(int)offset..(int)(offset + length)]
            : throw new CheckpointStorageException(StorageFailure.Damaged, name, $"{name} has no bytes {offset} to {offset + length}.");
    }

    public async ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation)
    {
        await CallAsync(folder, cancellation);
        return [.. disk.Files.Keys.Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal))];
    }

    /// <summary>Everything is new: what remains of unfinished checkpoints stays.</summary>
    public ValueTask<StoreSurvey> SurveyAsync(string folder, CancellationToken cancellation) =>
        new(new StoreSurvey([.. disk.Files.Where(file => folder.Length == 0 || file.Key.StartsWith(folder + "/", StringComparison.Ordinal)).Select(file => new StoredFile(file.Key, file.Value.Length, default, IsWhole: true))], default));

    public async ValueTask DeleteFolderAsync(string folder, CancellationToken cancellation)
    {
        await CallAsync(folder, cancellation);
        foreach (string name in disk.Files.Keys.Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal)).ToList())
        {
            disk.Files.Remove(name);
        }
    }

    public ValueTask<IJobLock> LockAsync(string job, int slot, Action<CheckpointStorageException> lost, CancellationToken cancellation)
    {
        string pointer = CheckpointPaths.LatestFile(job, slot);
        return _locked.Add(pointer)
            ? new(new SimulatedLock(this, pointer))
            : throw new CheckpointStorageException(StorageFailure.Locked, pointer, $"Another holds {pointer}.");
    }

    private void Put(string name, byte[] content, bool replace)
    {
        if (!StorageName.IsValid(name))
        {
            throw StorageName.Refused(name);
        }
        if (!replace && disk.Files.ContainsKey(name))
        {
            throw new CheckpointStorageException(StorageFailure.Exists, name, $"{name} exists.");
        }
        disk.Files[name] = content;
    }

    /// <summary>A call: answered at some later step.</summary>
    /// <param name="name">What it is about.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <param name="mayBeSilent">Whether it is one of those that write a checkpoint, which a store may never answer.</param>
    protected virtual async ValueTask CallAsync(string name, CancellationToken cancellation, bool mayBeSilent = false)
    {
        cancellation.ThrowIfCancellationRequested();
        var answered = new TaskCompletionSource();
        Executor.Later(answered.SetResult);
        await answered.Task;
        cancellation.ThrowIfCancellationRequested();
    }

    private sealed class SimulatedLock(SimulatedStorage storage, string pointer) : IJobLock
    {
        public async ValueTask<byte[]?> ReadPointerAsync(CancellationToken cancellation) =>
            await storage.LengthAsync(pointer, cancellation) is { } length ? await storage.ReadAsync(pointer, 0, (int)length, cancellation) : null;

        public ValueTask WritePointerAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) => storage.WriteAsync(pointer, content, replace: true, cancellation);

        public ValueTask DisposeAsync()
        {
            storage._locked.Remove(pointer);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class SimulatedFile(SimulatedStorage storage, string name) : ICheckpointFile
    {
        private readonly MemoryStream _content = new();

        public long Length => _content.Length;

        public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            await storage.CallAsync(name, cancellation, mayBeSilent: true);
            _content.Write(bytes.Span); // As late as may be: whoever uses the bytes again too early shows.
        }

        public async ValueTask CommitAsync(CancellationToken cancellation)
        {
            await storage.CallAsync(name, cancellation, mayBeSilent: true);
            storage.Put(name, _content.ToArray(), replace: false);
        }

        public ValueTask DisposeAsync() => _content.DisposeAsync();
    }
}
