using Weir.Runtime.Gates;

namespace Weir.Runtime.Tasks;

/// <summary>A subtask whose records come from a reader of splits.</summary>
internal sealed class SourceSubtask<T> : Subtask
{
    private readonly ISubtaskEvents _events;
    private readonly SourceOutput<T> _output;
    private readonly string _source;
    private ISplitReader<T>? _reader;
    private bool _tookFirst;

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

    /// <summary>Gives it what to read; before its first Step.</summary>
    public void Open(ISplitReader<T> reader) => _reader = reader;

    public override void Release()
    {
        base.Release();
        _reader?.Dispose();
    }

    protected override InputResult TakeRecords(long deadline)
    {
        var result = _reader!.Poll(_output, RecordsPerStep);
        if (!_tookFirst && Record.Emitted > 0)
        {
            _tookFirst = true;
            _events.FirstRecord();
        }
        return result switch
        {
            PollResult.Idle => InputResult.Empty,
            PollResult.Finished => InputResult.Ended,
            _ => InputResult.More,
        };
    }

    protected override void AddPositions(ICollection<SplitPosition> positions) => _reader!.AddPositions(positions);
}
