using Weir.Runtime.Diagnostics;

namespace Weir.Runtime.Operators;

/// <summary>Gives each record its event time, and makes watermarks of the highest one: no record is expected that is older than that by more than a bound.</summary>
/// <remarks>
/// In the task of a source it follows each split by itself, and the lowest one counts: so one that is read sooner than another makes none of its records late. A split without records
/// holds event time up until it counts as idle, and so does the subtask behind it.
/// Watermarks from before it go no further, but for the last. The highest times are its state. They are as they were at the last watermark: one precedes every snapshot.
/// A split goes on with its own, whoever reads it. Else a subtask takes up its own; where the number of subtasks has changed, each begins with the lowest of all that had not ended, since any
/// record may be any subtask's now.
/// </remarks>
internal sealed class WatermarkOperator<T> : Collector<T>, IOperator
{
    private readonly RecordFunc<T, long> _timeOf;
    private readonly WatermarkBounds _bounds;
    private readonly OperatorState _state;
    private readonly OperatorList<long> _stored;
    private readonly OperatorList<string> _storedSplits;
    private readonly SubtaskContext _subtask;
    private readonly Collector<T> _output;
    private readonly ITimer _timer;
    private volatile bool _timerIsSet;
    private SplitTimes _times;
    private long _blocks;
    private bool _hasBegun;
    private bool _hasEnded;
    private bool _hasSaidIdle;

    public WatermarkOperator(string id, RecordFunc<T, long> timeOf, WatermarkBounds bounds, SubtaskContext subtask, Collector<T> output)
    {
        Id = id;
        _timeOf = timeOf;
        _bounds = bounds;
        _state = new OperatorState(subtask.Codecs);
        (_stored, _storedSplits) = Declare(_state);
        _subtask = subtask;
        _output = output;
        _times = NewTimes(null);
        _timer = subtask.Time.CreateTimer(static it => ((WatermarkOperator<T>)it!).TimerFired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id { get; }

    public bool GeneratesWatermarks => true;

    public bool IsIdle => _times.IsIdle && !_hasEnded;

    public OperatorState OperatorState => _state;

    /// <summary>An entry for each subtask: the highest time, the smallest number before any record, the largest at the end; and one for each split that a source told of.</summary>
    public static (OperatorList<long> Highest, OperatorList<string> Splits) Declare(OperatorState state) => (state.UnionList<long>("highest"), state.UnionList<string>("splits"));

    public void TellSplits(IReadOnlyList<string> splits) => _times = NewTimes(splits);

    public override void Emit(in T record)
    {
        var context = _subtask.Record;
        long before = context.Timestamp;
        long time = _timeOf(in record);
        _times.Take(context.Split, time);
        context.Timestamp = time;
        _output.Emit(in record);
        context.Timestamp = before;
    }

    public long OnWatermark(long watermark)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            Begin();
        }
        if (watermark == long.MaxValue)
        {
            _hasEnded = true;
            Store(long.MaxValue);
            return long.MaxValue;
        }
        if (_times.Look(_subtask.Time.GetTimestamp(), couldTake: _subtask.Record.Blocks == _blocks) is { } split && !_hasSaidIdle)
        {
            _hasSaidIdle = true; // Once is enough: where few records come, it is so again and again.
            _subtask.Logger.GoesOnWithout(Id, split.Length > 0 ? split : $"subtask {_subtask.Subtask}", _bounds.Idleness.TotalSeconds);
        }
        _blocks = _subtask.Record.Blocks;
        SetTimer();
        if (_times.Highest is not long.MinValue and var highest)
        {
            Store(highest);
        }
        return _times.Reached == long.MinValue ? long.MinValue : Math.Max(_times.Reached, long.MinValue + _bounds.DelayMs + 1) - _bounds.DelayMs - 1;
    }

    public void PrepareSnapshot() => _storedSplits.Update(_times.Store().Select(static one => $"{one.Text} {one.Split}"));

    public void Close() => _timer.Dispose();

    private SplitTimes NewTimes(IReadOnlyList<string>? splits) => new(splits, _bounds.IdleAfter(_subtask.Time), _subtask.Time.GetTimestamp());

    private void Begin()
    {
        long begin = _stored.Count == _subtask.Parallelism ? _stored[_subtask.Subtask] : _stored.DefaultIfEmpty(long.MinValue).Min();
        var splits = _storedSplits.Select(static text => text.Split(' ', 2)).ToDictionary(static parts => parts[1], static parts => parts[0], StringComparer.Ordinal);
        _times.Begin(splits, begin < long.MaxValue ? begin : long.MinValue);
        Store(begin); // One that had ended counts so until a record comes after all.
    }

    private void Store(long highest)
    {
        _stored.Clear();
        _stored.Add(highest);
    }

    /// <summary>Nobody steps a subtask that gets no records: it is woken to see that.</summary>
    private void SetTimer()
    {
        if (_bounds.NeverIdle || _times.IsIdle || _timerIsSet)
        {
            return;
        }
        _timerIsSet = true;
        _timer.Change(_bounds.LookEvery, Timeout.InfiniteTimeSpan);
    }

    private void TimerFired()
    {
        _timerIsSet = false;
        _subtask.Wake();
    }
}

/// <summary>How long watermarks wait.</summary>
/// <param name="DelayMs">For records that are older than the newest one.</param>
/// <param name="Idleness">For splits that bring none; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
internal sealed record WatermarkBounds(long DelayMs, TimeSpan Idleness)
{
    public static TimeSpan DefaultIdleness { get; } = TimeSpan.FromMinutes(1);

    public bool NeverIdle => Idleness == Timeout.InfiniteTimeSpan;

    /// <summary>Soon enough after the bound, and seldom enough to cost nothing.</summary>
    public TimeSpan LookEvery => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(Idleness.TotalMilliseconds / 4)));

    /// <summary>In the clock's ticks.</summary>
    public long IdleAfter(TimeProvider time) => NeverIdle ? long.MaxValue : (long)(Idleness.TotalSeconds * time.TimestampFrequency);
}
