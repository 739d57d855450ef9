namespace Weir.Runtime.Operators;

/// <summary>The end of a chain: hands records to the sink's writer of this subtask.</summary>
internal sealed class SinkOperator<T> : Collector<T>, ISinkOperator
{
    private readonly RecordContext _context;
    private readonly ISinkWriter<T> _writer;

    public SinkOperator(string id, ISink<T> sink, SubtaskContext subtask)
    {
        Id = id;
        IsTransactional = sink.IsTransactional;
        _context = subtask.Record;
        _writer = sink.CreateWriter(subtask.Subtask, subtask.Wake);
    }

    public string Id { get; }

    public bool IsTransactional { get; }

    public bool IsReady => _writer.IsReady;

    public long Records { get; private set; }

    public override void Emit(in T record)
    {
        _writer.Write(in record, _context);
        Records++;
        if (!_writer.IsReady)
        {
            _context.StopAfterThis = true;
        }
    }

    public void EndStep() => _writer.EndStep();

    public void Switch(long checkpoint) => _writer.Switch(checkpoint);

    public ValueTask FlushAsync(CancellationToken cancellation) => _writer.FlushAsync(cancellation);

    public void Close() => _writer.Dispose();
}
