namespace Weir.Runtime.Operators;

/// <summary>Gives each record its event time, and makes watermarks of the highest one: no record is expected that is older than that by more than a bound.</summary>
/// <remarks>
/// Watermarks from before it go no further, but for the last. The highest time is its state. It is as it was at the last watermark: one precedes every snapshot.
/// A subtask takes up its own; where the number of subtasks has changed, each begins with the lowest of all that had not ended, since any record may be any subtask's now.
/// </remarks>
internal sealed class WatermarkOperator<T> : Collector<T>, IOperator
{
    private readonly RecordFunc<T, long> _timeOf;
    private readonly long _delayMs;
    private readonly OperatorState _state;
    private readonly OperatorList<long> _stored;
    private readonly SubtaskContext _subtask;
    private readonly Collector<T> _output;
    private bool _hasBegun;
    private long _highest = long.MinValue;

    public WatermarkOperator(string id, RecordFunc<T, long> timeOf, long delayMs, SubtaskContext subtask, Collector<T> output)
    {
        Id = id;
        _timeOf = timeOf;
        _delayMs = delayMs;
        _state = new OperatorState(subtask.Codecs);
        _stored = Declare(_state);
        _subtask = subtask;
        _output = output;
    }

    public string Id { get; }

    public bool GeneratesWatermarks => true;

    public OperatorState OperatorState => _state;

    /// <summary>An entry for each subtask: the highest time, the smallest number before any record, the largest at the end.</summary>
    public static OperatorList<long> Declare(OperatorState state) => state.UnionList<long>("highest");

    public override void Emit(in T record)
    {
        long before = _subtask.Record.Timestamp;
        long time = _timeOf(in record);
        _highest = Math.Max(_highest, time);
        _subtask.Record.Timestamp = time;
        _output.Emit(in record);
        _subtask.Record.Timestamp = before;
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
            Store(long.MaxValue);
            return long.MaxValue;
        }
        if (_highest == long.MinValue)
        {
            return long.MinValue;
        }
        Store(_highest);
        return Math.Max(_highest, long.MinValue + _delayMs + 1) - _delayMs - 1;
    }

    private void Begin()
    {
        long begin = _stored.Count == _subtask.Parallelism ? _stored[_subtask.Subtask] : _stored.DefaultIfEmpty(long.MinValue).Min();
        if (begin < long.MaxValue)
        {
            _highest = Math.Max(_highest, begin);
        }
        Store(begin); // One that had ended counts so until a record comes after all.
    }

    private void Store(long highest)
    {
        _stored.Clear();
        _stored.Add(highest);
    }
}
