namespace Weir.Runtime.Tasks;

/// <summary>A legacy source's reader as the subtask sees it: its thread, and what came of it.</summary>
/// <remarks>Records do not come by <see cref="Poll"/>: they are pushed, by the source's own thread.</remarks>
internal sealed class LegacySourceLoop<T> : ISplitReader<T>
{
    private readonly ILegacyReader<T> _reader;
    private readonly SourceSubtask<T> _subtask;
    private readonly IExecutor _executor;
    private readonly CancellationTokenSource _ending = new();
    private readonly LegacyContext<T> _context;
    private Task? _thread;
    private Exception? _failure;
    private volatile bool _isOver;
    private volatile bool _drains;

    public LegacySourceLoop(ILegacyReader<T> reader, SourceSubtask<T> subtask, IExecutor executor, SourceOutput<T> output)
    {
        _reader = reader;
        _subtask = subtask;
        _executor = executor;
        Lock = new CheckpointLock(subtask, executor.CreateSignal(), _ending.Token);
        _context = new LegacyContext<T>(Lock, output);
    }

    public CheckpointLock Lock { get; }

    public long? Lag => _reader.Lag;

    /// <summary>Completes when its thread has ended; to be asked when nobody polls any more, since a poll starts it.</summary>
    public Task Over => _thread ?? Task.CompletedTask;

    /// <summary>Tells the source to end.</summary>
    public void End() => _ending.Cancel();

    /// <summary>Tells the source to end, so that what it pushed is all.</summary>
    public void Drain()
    {
        _drains = true;
        _ending.Cancel();
    }

    public PollResult Poll(SourceOutput<T> output, int limit)
    {
        // With the first Step all that it pushes into is there, and restored.
        _thread ??= _executor.RunOnThread($"weir source {_subtask.Name}", Run);
        if (!_isOver)
        {
            return PollResult.Idle;
        }
        if (_failure is { } failure && !(_drains && failure is OperationCanceledException))
        {
            throw JobException.OfOperator($"The source of {_subtask.Name}", _subtask.Id.Task, failure);
        }
        return PollResult.Finished;
    }

    public void AddPositions(ICollection<SplitPosition> positions) => _reader.AddPositions(positions);

    public void Dispose()
    {
        _reader.Dispose();
        _ending.Dispose();
    }

    private void Run()
    {
        try
        {
            _reader.Run(_context, _ending.Token);
        }
#pragma warning disable CA1031 // Whatever a source's code throws fails the attempt; it may not end the process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failure = failure;
        }
        if (_drains || !_ending.IsCancellationRequested)
        {
            _isOver = true; // By itself, or drained; else nobody asks any more how it ended.
            _subtask.Wake();
        }
    }
}
