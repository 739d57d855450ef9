using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>The data files of one checkpoint: each shared by several subtasks, opened by the first that has something to store.</summary>
/// <remarks>Thread: any. A file's writers come one after another. All files are made durable together, when every subtask has written.</remarks>
internal sealed class CheckpointFiles(ICheckpointStorage storage, string folder, int tasksPerFile)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SharedFile> _files = [];

    /// <summary>The checkpoint's folder.</summary>
    public string Folder => folder;

    /// <summary>Files opened so far.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _files.Count;
            }
        }
    }

    /// <summary>Runs a writer on the file of a kind that a subtask shares.</summary>
    public ValueTask<T> AppendAsync<T>(string kind, int subtaskOrdinal, Func<SegmentWriter, ValueTask<T>> write)
    {
        string name = $"{kind}-{subtaskOrdinal / tasksPerFile}";
        SharedFile? file;
        lock (_lock)
        {
            if (!_files.TryGetValue(name, out file))
            {
                _files.Add(name, file = new SharedFile(storage, folder, name));
            }
        }
        return file.AppendAsync(write);
    }

    /// <summary>Makes all files durable; nobody may append any more.</summary>
    public Task CommitAsync(CancellationToken cancellation) => Task.WhenAll(_files.Values.Select(file => file.CommitAsync(cancellation)));

    /// <summary>Abandons all files, if they were not committed.</summary>
    public async Task AbandonAsync()
    {
        foreach (var file in _files.Values)
        {
            await file.DisposeAsync();
        }
    }

    private sealed class SharedFile(ICheckpointStorage storage, string folder, string name)
    {
        private readonly Lock _lock = new();
        private Task _last = Task.CompletedTask;
        private ICheckpointFile? _file;
        private SegmentWriter? _writer;

        public async ValueTask<T> AppendAsync<T>(Func<SegmentWriter, ValueTask<T>> write)
        {
            // A queue of one: each waits for the one before it, whose failure is its own affair.
            var turn = new TaskCompletionSource();
            Task before;
            lock (_lock)
            {
                before = _last;
                _last = turn.Task;
            }
            await before;
            try
            {
                _file ??= await storage.CreateAsync($"{folder}/{name}", CancellationToken.None);
                _writer ??= new SegmentWriter(_file, name);
                return await write(_writer);
            }
            finally
            {
                turn.SetResult();
            }
        }

        public async Task CommitAsync(CancellationToken cancellation)
        {
            Invariant.Holds(_last.IsCompleted && _writer is not null);
            await _writer.FlushAsync(cancellation);
            await _file!.CommitAsync(cancellation);
            await _file.DisposeAsync();
        }

        public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
