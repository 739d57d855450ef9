using Weir.Runtime.Checkpointing;
using Weir.Runtime.Gates;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>How event time passes through a subtask.</summary>
/// <remarks>
/// The watermark that comes in is the lowest of all its channels; it goes through the chain, where operators look at it and a generator has its own in place of it, and
/// on over all outputs, behind the records emitted so far. It only rises. Of a source it is <see cref="long.MinValue"/>, and <see cref="long.MaxValue"/> at its end.
/// Over a side output goes the watermark of its place in the chain, before what comes later makes another.
/// A channel whose producer is idle holds nothing up. Where all of them are, so is the subtask: it has then come as far as the one that came farthest.
/// </remarks>
internal abstract partial class Subtask
{
    private readonly bool _generates;
    private bool _watermarkRead;
    private long _watermarkIn = long.MinValue;
    private bool _isIdleIn;

    /// <summary>Where event time leaves the chain: at its end, and before that where a side output begins.</summary>
    private readonly IReadOnlyList<WatermarkExit> _exits;

    /// <summary>How far event time has come in what it reads.</summary>
    public long WatermarkIn => _watermarkIn;

    /// <summary>How far event time has come in what it hands on. Any thread, for reports.</summary>
    public long WatermarkOut => _exits[^1].Watermark;

    /// <summary>Whether nothing comes from it for now, so that event time goes on without it. Any thread, for reports.</summary>
    public bool IsIdleOut => _exits[^1].IsIdle;

    /// <summary>Whether an operator of its chain makes watermarks.</summary>
    public bool Generates => _generates;

    /// <summary>One of its channels has a higher watermark than before. The subtask's own thread.</summary>
    public void WatermarkRead() => _watermarkRead = true;

    /// <summary>A watermark was read from a channel whose barrier has not come: it belongs to the open checkpoint.</summary>
    public void CaptureTaken(Channel channel, long watermark, bool isIdle)
    {
        if (_open is { BarriersMissing: > 0 } open && open.Missing.Contains(channel))
        {
            open.Capture.TakeWatermark(channel, watermark, isIdle);
            CheckBound(open);
        }
    }

    /// <summary>Tells generators of its chain which splits its records will come from; before they are restored.</summary>
    public void TellSplits(IReadOnlyList<string> splits)
    {
        foreach (var member in _operators)
        {
            member.TellSplits(splits);
        }
    }

    /// <summary>Goes on from the watermarks that its channels were given, and its operators' states; before its first Step.</summary>
    /// <param name="hasEnded">Whether it had finished and nothing more comes; the channels of one that reads some say so themselves.</param>
    public void RestoreWatermark(bool hasEnded)
    {
        _watermarkRead = false;
        long lowest = LowestOfInputs(out bool isIdle);
        PassWatermark(hasEnded ? long.MaxValue : lowest, isIdle);
    }

    /// <summary>What it has handed on over the outputs that begin behind so many operators of its chain.</summary>
    public long WatermarkAt(int place) => _exits.First(exit => exit.Place == place).Watermark;

    /// <summary>Hands on what was read with the batch that is to be processed next: it lies before that.</summary>
    protected void PassReadWatermarks()
    {
        if (!_watermarkRead)
        {
            return;
        }
        _watermarkRead = false;
        long lowest = LowestOfInputs(out bool isIdle);
        if (lowest > _watermarkIn || isIdle != _isIdleIn)
        {
            PassWatermark(Math.Max(lowest, _watermarkIn), isIdle);
        }
    }

    /// <summary>Hands on what a generator of the chain has made of the records so far, where there is one.</summary>
    private void PassGenerated()
    {
        if (_generates)
        {
            PassWatermark(_watermarkIn, _isIdleIn);
        }
    }

    private void PassWatermark(long watermark, bool isIdle)
    {
        _watermarkIn = watermark;
        _isIdleIn = isIdle;
        int passed = 0;
        foreach (var exit in _exits)
        {
            for (; passed < exit.Place; passed++)
            {
                var member = _operators[passed];
                watermark = member.OnWatermark(watermark);
                isIdle = member.GeneratesWatermarks ? member.IsIdle : isIdle;
            }
            exit.Pass(watermark, isIdle);
        }
    }

    private long LowestOfInputs(out bool isIdle)
    {
        long lowest = Inputs.Count == 0 ? long.MinValue : long.MaxValue;
        long highestIdle = long.MinValue;
        isIdle = false;
        for (int index = 0; index < Inputs.Count; index++)
        {
            var channel = Inputs[index];
            if (channel.IsIdle)
            {
                isIdle = true;
                highestIdle = Math.Max(highestIdle, channel.Watermark);
            }
            else
            {
                lowest = Math.Min(lowest, channel.Watermark);
            }
        }
        isIdle &= lowest == long.MaxValue; // All others have ended.
        return isIdle ? highestIdle : lowest;
    }

    /// <summary>What of it a checkpoint holds; nothing where there are no watermarks.</summary>
    private SubtaskWatermarks WatermarksNow()
    {
        bool hasAny = Inputs.Any(static channel => channel.Watermark > long.MinValue || channel.IsIdle);
        return new(
            _exits[^1].Watermark is long.MinValue ? null : _exits[^1].Watermark,
            hasAny ? [.. Inputs.Select(static channel => new ReceivedWatermark { EdgeId = channel.Id.Edge, From = channel.Id.From, Watermark = channel.Watermark, IsIdle = channel.IsIdle ? true : null })] : null);
    }
}
