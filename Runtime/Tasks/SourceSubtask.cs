using Weir.Runtime.Gates;

namespace Weir.Runtime.Tasks;

/// <summary>A subtask whose records come from a reader of splits, which is asked for them, or pushes them from a thread of its own.</summary>
internal sealed class SourceSubtask<T> : Subtask
{
    /// <summary>What was pushed goes on after so long at the latest: long enough to fill batches under load, short enough not to be seen.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    private readonly ISubtaskEvents _events;
    private readonly SourceOutput<T> _output;
    private readonly string _source;
    private ISplitReader<T>? _reader;
    private CheckpointLock? _lock;
    private ITimer? _linger;
    private volatile bool _lingers;
    private bool _tookFirst;
    private bool _drains;

    public SourceSubtask(SubtaskParts parts, string source, SourceOutput<T> output)
        : base(parts)
    {
        _events = parts.Events;
        _source = source;
        _output = output;
    }

    public override bool IsSource => true;

    public override string? Source => _source;

    public override long? Lag => _reader?.Lag;

    protected override IReadOnlyList<Channel> Inputs => [];

    protected override CheckpointLock? Lock => _lock;

    /// <summary>Gives it what to read; before its first Step.</summary>
    public void Open(ISplitReader<T> reader) => _reader = reader;

    /// <summary>Gives it what pushes; before its first Step, with which its thread starts.</summary>
    public void Open(ILegacyReader<T> reader)
    {
        var loop = new LegacySourceLoop<T>(reader, this, Executor, _output);
        _reader = loop;
        _lock = loop.Lock;
        _linger = Executor.Time.CreateTimer(static it => ((SourceSubtask<T>)it!).SendWhatLingers(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override void Drain()
    {
        _drains = true;
        (_reader as LegacySourceLoop<T>)?.Drain();
    }

    public override async Task EndAsync()
    {
        var loop = _reader as LegacySourceLoop<T>;
        loop?.End();
        await base.EndAsync();
        if (loop is not null)
        {
            await loop.Over;
            await _linger!.DisposeAsync();
        }
    }

    public override void Release()
    {
        base.Release();
        _reader?.Dispose();
    }

    protected override InputResult TakeRecords(long deadline)
    {
        if (_drains && _lock is null)
        {
            return InputResult.Ended; // A legacy source ends by itself.
        }
        var result = _reader!.Poll(_output, RecordsPerStep);
        NoteFirst();
        return result switch
        {
            PollResult.Idle => InputResult.Empty,
            PollResult.Finished => InputResult.Ended,
            _ => InputResult.More,
        };
    }

    protected override void AddPositions(ICollection<SplitPosition> positions) => _reader!.AddPositions(positions);

    protected override void NotePushed()
    {
        NoteFirst();
        if (!_lingers)
        {
            _lingers = true;
            _linger!.Change(Linger, Timeout.InfiniteTimeSpan);
        }
    }

    private void SendWhatLingers()
    {
        _lingers = false;
        Wake();
    }

    private void NoteFirst()
    {
        if (!_tookFirst && Record.Emitted > 0)
        {
            _tookFirst = true;
            _events.FirstRecord();
        }
    }
}
