using Weir.Runtime.Checkpointing;
using Weir.Runtime.Gates;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>How event time passes through a subtask.</summary>
/// <remarks>
/// The watermark that comes in is the lowest of all its channels; it goes through the chain, where operators look at it and a generator has its own in place of it, and
/// on over all outputs, behind the records emitted so far. It only rises. Of a source it is <see cref="long.MinValue"/>, and <see cref="long.MaxValue"/> at its end.
/// </remarks>
internal abstract partial class Subtask
{
    private readonly bool _generates;
    private bool _watermarkRead;
    private long _watermarkIn = long.MinValue;

    /// <summary>The watermark that was handed on last.</summary>
    private long _watermarkOut = long.MinValue;

    /// <summary>One of its channels has a higher watermark than before. The subtask's own thread.</summary>
    public void WatermarkRead() => _watermarkRead = true;

    /// <summary>A watermark was read from a channel whose barrier has not come: it belongs to the open checkpoint.</summary>
    public void CaptureTaken(Channel channel, long watermark)
    {
        if (_open is { BarriersMissing: > 0 } open && open.Missing.Contains(channel))
        {
            open.Capture.TakeWatermark(channel, watermark);
            CheckBound(open);
        }
    }

    /// <summary>Goes on from the watermarks that its channels were given, and its operators' states; before its first Step.</summary>
    /// <param name="hasEnded">Whether it had finished and nothing more comes; the channels of one that reads some say so themselves.</param>
    /// <returns>The watermark that it hands on.</returns>
    public long RestoreWatermark(bool hasEnded)
    {
        _watermarkRead = false;
        PassWatermark(hasEnded ? long.MaxValue : LowestOfInputs());
        return _watermarkOut;
    }

    /// <summary>Hands on what was read with the batch that is to be processed next: it lies before that.</summary>
    protected void PassReadWatermarks()
    {
        if (!_watermarkRead)
        {
            return;
        }
        _watermarkRead = false;
        if (LowestOfInputs() is var lowest && lowest > _watermarkIn)
        {
            PassWatermark(lowest);
        }
    }

    /// <summary>Hands on what a generator of the chain has made of the records so far, where there is one.</summary>
    private void PassGenerated()
    {
        if (_generates)
        {
            PassWatermark(_watermarkIn);
        }
    }

    private void PassWatermark(long watermark)
    {
        _watermarkIn = watermark;
        foreach (var member in _operators)
        {
            watermark = member.OnWatermark(watermark);
        }
        if (watermark <= _watermarkOut)
        {
            return;
        }
        _watermarkOut = watermark;
        if (watermark == long.MaxValue)
        {
            return; // End says it.
        }
        foreach (var output in _outputs)
        {
            output.PutWatermark(watermark);
        }
    }

    private long LowestOfInputs()
    {
        long lowest = Inputs.Count == 0 ? long.MinValue : long.MaxValue;
        for (int index = 0; index < Inputs.Count; index++)
        {
            lowest = Math.Min(lowest, Inputs[index].Watermark);
        }
        return lowest;
    }

    /// <summary>What of it a checkpoint holds; nothing where there are no watermarks.</summary>
    private SubtaskWatermarks WatermarksNow()
    {
        bool hasAny = Inputs.Any(static channel => channel.Watermark > long.MinValue);
        return new(
            _watermarkOut == long.MinValue ? null : _watermarkOut,
            hasAny ? [.. Inputs.Select(static channel => new ReceivedWatermark { EdgeId = channel.Id.Edge, From = channel.Id.From, Watermark = channel.Watermark })] : null);
    }
}
