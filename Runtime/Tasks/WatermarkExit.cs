using Weir.Runtime.Gates;

namespace Weir.Runtime.Tasks;

/// <summary>Outputs of a subtask that begin at the same place of its chain, and what of event time was handed on over them last.</summary>
/// <param name="place">Behind how many operators of the chain they begin.</param>
/// <param name="outputs">The outputs; none at the end of a chain that ends in a sink.</param>
/// <remarks>Thread: the one that steps the subtask.</remarks>
internal sealed class WatermarkExit(int place, IReadOnlyList<IOutputGate> outputs)
{
    public IReadOnlyList<IOutputGate> Outputs => outputs;

    /// <summary>Behind how many operators it is: what a generator that comes later makes does not go out here.</summary>
    public int Place => place;

    /// <summary>The watermark that was handed on last.</summary>
    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>Whether those behind it were told last that nothing comes for now.</summary>
    public bool IsIdle { get; private set; }

    public void Pass(long watermark, bool isIdle)
    {
        if (watermark <= Watermark && isIdle == IsIdle)
        {
            return;
        }
        Watermark = Math.Max(Watermark, watermark);
        IsIdle = isIdle;
        if (watermark == long.MaxValue)
        {
            return; // End says it.
        }
        foreach (var output in outputs)
        {
            output.PutWatermark(Watermark, isIdle);
        }
    }
}
