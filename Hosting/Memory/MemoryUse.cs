using Microsoft.Extensions.Options;
using Weir.Connectors.Kafka.Native;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Divides the memory of the process among its jobs, and tells what is taken of it.</summary>
/// <remarks>Thread: any; <see cref="Divide"/> before jobs run.</remarks>
internal sealed class MemoryUse(IOptions<WeirOptions> options)
{
    // Above it somebody should look: the job that goes beyond all of it fails.
    private const double StateUsedMost = 0.9;

    private readonly long _nativeAtStart = NativeHeap.BytesInUse() ?? 0;
    private MemoryPlan? _plan;
    private IReadOnlyList<JobRun> _runs = [];

    /// <summary>What the jobs take memory from.</summary>
    public MemoryBudget Budget { get; } = new();

    /// <summary>How it is divided; null before.</summary>
    public MemoryPlan? Plan => Volatile.Read(ref _plan);

    /// <summary>What the machine has; in a container, unless that is set otherwise, three quarters of its limit, which the runtime keeps to.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What a store may have on its way up at once.</summary>
    public long UploadBytes => MemoryPlan.UploadBytes(Total);

    private long Total => options.Value.Memory ?? Available / 4 * 3;

    /// <summary>Divides the memory number among the jobs that will run.</summary>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: it is too little for them.</exception>
    public void Divide(IReadOnlyList<JobRun> runs)
    {
        var plan = MemoryPlan.Of(Total, options.Value.Memory is not null, [.. runs.Select(run => new JobMemory(run.MemoryNeeds, run.Settings))], options.Value.Checkpoints.Azure.IsSet);
        plan.Apply(Budget, options.Value.Kafka);
        _runs = runs;
        Volatile.Write(ref _plan, plan);
    }

    /// <summary>What the parts take, and what they may.</summary>
    public IReadOnlyList<MemoryPart> Parts()
    {
        if (Plan is not { } plan)
        {
            return [];
        }
        var parts = new List<MemoryPart>
        {
            new("channels", Budget.ChannelBytes, Budget.ChannelBytesMax),
            new("overflow", _runs.Sum(run => run.Figures.OverflowBytes), plan.Overflow),
            new("state", Budget.StateBytes, Budget.StateBytesMax),
            new("checkpoints", Budget.CopyBytes, plan.Checkpoints),
        };
        if (NativeHeap.BytesInUse() is { } native)
        {
            // What has come to it since the start is Kafka's clients, for the most part, and state, which counts for itself.
            parts.Add(new MemoryPart("kafka", Math.Max(0, native - _nativeAtStart - MemoryBudget.NativeStateBytes), plan.Kafka));
        }
        return parts;
    }

    /// <summary>What should be looked at before it breaks; null where nothing should.</summary>
    public string? Danger() => Budget.StateBytes > StateUsedMost * Budget.StateBytesMax
        ? $"Keyed state takes {SettingText.Size(Budget.StateBytes)} of the {SettingText.Size(Budget.StateBytesMax)} that there are for it; the job that goes beyond fails: give the process more memory (Weir:Memory), or keep less for each key."
        : null;
}

/// <summary>A part of memory.</summary>
/// <param name="Part">Which.</param>
/// <param name="Bytes">What it takes.</param>
/// <param name="BytesMax">What it may.</param>
internal sealed record MemoryPart(string Part, long Bytes, long BytesMax);
