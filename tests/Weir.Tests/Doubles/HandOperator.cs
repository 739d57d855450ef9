using Weir.Runtime;
using Weir.Runtime.Operators;

namespace Weir.Tests.Doubles;

/// <summary>The chain of a scripted subtask: writes down what it takes, hands it on, and has room for as many records as a test says.</summary>
internal sealed class HandOperator(RecordContext record, Collector<long>? output, bool isTransactional) : Collector<long>, ISinkOperator
{
    public string Id => "hand";

    public bool IsTransactional => isTransactional;

    public bool IsReady => Room > 0;

    public int Room { get; set; } = int.MaxValue;

    public long Records => Taken.Count;

    public List<long> Taken { get; } = [];

    /// <summary>By record, the watermark when it was taken.</summary>
    public Dictionary<long, long> WatermarkAt { get; } = [];

    public long Watermark { get; private set; } = long.MinValue;

    public List<long> Switches { get; } = [];

    public bool Closed { get; private set; }

    /// <summary>Completed unless a test holds it up.</summary>
    public TaskCompletionSource? Flush { get; set; }

    /// <summary>Runs for each record, before it is handed on.</summary>
    public Action<long>? OnRecord { get; set; }

    public override void Emit(in long value)
    {
        Taken.Add(value);
        WatermarkAt[value] = Watermark;
        OnRecord?.Invoke(value);
        output?.Emit(in value);
        if (--Room == 0)
        {
            record.StopAfterThis = true;
        }
    }

    public long OnWatermark(long watermark) => Watermark = watermark;

    public void Switch(long checkpoint) => Switches.Add(checkpoint);

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (Flush is not null)
        {
            await Flush.Task.WaitAsync(cancellation);
        }
    }

    public void Close() => Closed = true;
}
