using Weir.Runtime.Checkpointing;
using Weir.Runtime.Gates;

namespace Weir.Tests.Doubles;

/// <summary>A way out that leads nowhere: says what was put there, and how many records had been taken by then.</summary>
internal sealed class HandGate(Func<int> taken) : IOutputGate
{
    public bool HasRoom { get; set; } = true;

    public OverflowCounts Overflow => default;

    public List<string> Put { get; } = [];

    /// <summary>By checkpoint, how many records had been taken when its barrier was put: what its snapshot contains.</summary>
    public Dictionary<long, int> TakenAtBarrier { get; } = [];

    /// <summary>Runs with each barrier, as if something happened elsewhere at that moment.</summary>
    public Action<Checkpoint>? OnBarrier { get; set; }

    public void Flush()
    {
    }

    public void PutBarrier(Checkpoint checkpoint)
    {
        Put.Add($"barrier {checkpoint.Id}");
        TakenAtBarrier[checkpoint.Id] = taken();
        OnBarrier?.Invoke(checkpoint);
    }

    public void PutWatermark(long watermark, bool isIdle) => Put.Add(isIdle ? $"watermark {watermark}, idle" : $"watermark {watermark}");

    public void PutEnd() => Put.Add("end");

    public void Clear() => Put.Add("clear");
}
