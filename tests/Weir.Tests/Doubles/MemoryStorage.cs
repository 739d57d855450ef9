using Weir.StateStore;

namespace Weir.Tests.Doubles;

/// <summary>Checkpoint storage in memory that says what was asked of it, and fails or hangs where a test wants it.</summary>
/// <remarks>A call is told as one string: <c>create</c>, <c>append</c>, <c>commit</c>, <c>write</c>, <c>delete</c>, <c>lock</c>, a space, and the last part of the name.</remarks>
internal sealed class MemoryStorage : ICheckpointStorage
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly List<(string Call, TaskCompletionSource Go)> _held = [];

    public string Location => "memory";

    /// <summary>What was done, in order; may be shared with another double to see the order among both.</summary>
    public List<string> Log { get; init; } = [];

    /// <summary>Calls that hang until they are released; a prefix of what they are told as.</summary>
    public List<string> Holds { get; } = [];

    /// <summary>Calls that fail, and how; a prefix of what they are told as.</summary>
    public Dictionary<string, StorageFailure> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls that do their work and then say that they failed, once each.</summary>
    public List<string> LostAnswers { get; } = [];

    /// <summary>Takes the lock that was taken last away from its holder.</summary>
    public Action LoseLock { get; private set; } = () => throw new InvalidOperationException("Nobody holds a lock.");

    /// <summary>What its clock says.</summary>
    public DateTimeOffset Now { get; set; } = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When files were written; those that are not named were just now.</summary>
    public Dictionary<string, DateTimeOffset> ModifiedAt { get; } = new(StringComparer.Ordinal);

    /// <summary>Files begun and not yet disposed.</summary>
    public int OpenFiles { get; private set; }

    /// <summary>Whether a call that hangs ends when it is cancelled.</summary>
    public bool HeldCallsHearCancellation { get; set; } = true;

    public IEnumerable<string> Names => _files.Keys.Order(StringComparer.Ordinal);

    /// <summary>Calls that hang.</summary>
    public int HeldCount => _held.Count(held => !held.Go.Task.IsCompleted);

    public byte[] this[string name]
    {
        get => _files[name];
        set => _files[name] = value;
    }

    public void Remove(string name) => _files.Remove(name);

    /// <summary>Lets all that hangs go on, and nothing hang any more.</summary>
    public void ReleaseAll()
    {
        Holds.Clear();
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // What goes on goes on here.
        foreach (var (_, go) in _held.ToList())
        {
            go.TrySetResult();
        }
        SynchronizationContext.SetSynchronizationContext(outer);
        _held.Clear();
    }

    public async ValueTask<ICheckpointFile> CreateAsync(string name, CancellationToken cancellation)
    {
        await Call("create", name, cancellation);
        OpenFiles++;
        return new MemoryFile(this, name);
    }

    public async ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancellation)
    {
        await Call("write", name, cancellation);
        Put(name, content.ToArray(), replace);
        LoseAnswer("write", name);
    }

    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellation) => new(_files.TryGetValue(name, out byte[]? bytes) ? bytes.Length : null);

    public async ValueTask<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        await Call("read", name, cancellation);
        return _files.TryGetValue(name, out byte[]? bytes) && bytes.Length >= offset + length
            ? bytes.AsSpan((int)offset, length).ToArray()
            : throw new CheckpointStorageException(StorageFailure.Missing, name, $"There is no {name} of {offset + length} bytes.");
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation) =>
        new([.. Names.Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal))]);

    public ValueTask<StoreSurvey> SurveyAsync(string folder, CancellationToken cancellation) => new(new StoreSurvey(
        [.. Names.Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal)).Select(name => new StoredFile(name, _files[name].Length, ModifiedAt.GetValueOrDefault(name, Now), IsWhole: true))],
        Now));

    public async ValueTask DeleteFolderAsync(string folder, CancellationToken cancellation)
    {
        await Call("delete", folder, cancellation);
        foreach (string name in Names.Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal)).ToList())
        {
            _files.Remove(name);
        }
    }

    public async ValueTask<IJobLock> LockAsync(string job, int slot, Action<CheckpointStorageException> lost, CancellationToken cancellation)
    {
        await Call("lock", job, cancellation);
        LoseLock = () => lost(new CheckpointStorageException(StorageFailure.Locked, job, $"Another host has taken {job}."));
        return new MemoryLock(this, CheckpointPaths.LatestFile(job, slot));
    }

    private async ValueTask Call(string verb, string name, CancellationToken cancellation)
    {
        string call = $"{verb} {CheckpointPaths.LastPart(name)}";
        if (Holds.Any(hold => call.StartsWith(hold, StringComparison.Ordinal)))
        {
            var go = new TaskCompletionSource();
            _held.Add((call, go));
            using var cancelled = cancellation.Register(() => _ = HeldCallsHearCancellation && go.TrySetCanceled(cancellation));
            await go.Task;
        }
        foreach (var (prefix, reason) in Failures)
        {
            if (call.StartsWith(prefix, StringComparison.Ordinal))
            {
                Log.Add($"failed {call}");
                throw new CheckpointStorageException(reason, name, $"The store does not {call}.");
            }
        }
        Log.Add(call);
    }

    private void Put(string name, byte[] content, bool replace)
    {
        if (!replace && _files.ContainsKey(name))
        {
            throw new CheckpointStorageException(StorageFailure.Exists, name, $"{name} exists.");
        }
        _files[name] = content;
    }

    private void LoseAnswer(string verb, string name)
    {
        if (LostAnswers.Remove($"{verb} {CheckpointPaths.LastPart(name)}"))
        {
            throw new CheckpointStorageException(StorageFailure.Unavailable, name, "The answer was lost.");
        }
    }

    private sealed class MemoryLock(MemoryStorage storage, string pointer) : IJobLock
    {
        public ValueTask<byte[]?> ReadPointerAsync(CancellationToken cancellation) => new(storage._files.GetValueOrDefault(pointer));

        public ValueTask WritePointerAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) => storage.WriteAsync(pointer, content, replace: true, cancellation);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class MemoryFile(MemoryStorage storage, string name) : ICheckpointFile
    {
        private readonly List<byte> _bytes = [];
        private bool _disposed;

        public long Length => _bytes.Count;

        public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            await storage.Call("append", name, cancellation);
            _bytes.AddRange(bytes.Span);
        }

        public async ValueTask CommitAsync(CancellationToken cancellation)
        {
            await storage.Call("commit", name, cancellation);
            storage.Put(name, [.. _bytes], replace: true); // May be called again after its answer was lost.
            storage.LoseAnswer("commit", name);
        }

        public ValueTask DisposeAsync()
        {
            storage.OpenFiles -= _disposed ? 0 : 1;
            _disposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
