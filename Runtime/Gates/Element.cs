using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;

namespace Weir.Runtime.Gates;

/// <summary>What lies in a channel: a batch, what stands for one whose records are in the spill file, or a watermark; that of <see cref="long.MaxValue"/> is the producer's End.</summary>
internal readonly struct Element<T>
{
    public Element(Batch<T> batch) => Batch = batch;

    public Element(SpilledBatch spilled) => Spilled = spilled;

    public Element(long watermark, bool isIdle = false)
    {
        Watermark = watermark;
        IsIdle = isIdle;
    }

    public Batch<T>? Batch { get; }

    public SpilledBatch? Spilled { get; }

    public long Watermark { get; }

    /// <summary>Of a watermark: whether its producer brings nothing for now, so that event time goes on without it until it does.</summary>
    public bool IsIdle { get; }

    public bool IsWatermark => Batch is null && Spilled is null;

    /// <summary>Gives a checkpoint a reference to it. An End is not stored: the producer has finished, and says so again.</summary>
    public void AddTo(InFlightCapture capture, Channel channel)
    {
        if (Batch is not null)
        {
            capture.Take(channel, Batch, from: 0);
        }
        else if (Spilled is not null)
        {
            capture.TakeSpilled(channel, Spilled);
        }
        else if (Watermark < long.MaxValue)
        {
            capture.TakeWatermark(channel, Watermark, IsIdle);
        }
    }

    /// <summary>Its owner is done with it.</summary>
    public void LetGo()
    {
        Batch?.LetGo();
        Spilled?.LetGo();
    }
}
