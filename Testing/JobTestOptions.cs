using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Weir.Testing;

/// <summary>What a <see cref="JobTest"/> runs its job with; every part has a default.</summary>
public sealed class JobTestOptions
{
    /// <summary>The job's name. <c>job-test</c> by default.</summary>
    public string Name { get; init; } = "job-test";

    /// <summary>Subtasks of an operator that does not say its own: at least 1, the default. <see cref="JobTest.Rescale"/> changes it.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>The number of key groups, which bounds the parallelism. 128 by default.</summary>
    public int MaxParallelism { get; init; } = 128;

    /// <summary>Partitions of each topic, for as long as the test lasts: at least 1, the default, so that records are read in the order in which they were added.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Chooses the order in which the parts of the job take turns, and how much each does at once. The same seed, the same steps. 1 by default.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether state that the job does not have any more is left behind, as with <c>--allow-dropped-state</c>. False by default: such a start is refused.</summary>
    public bool AllowDroppedState { get; init; }

    /// <summary>Makes the job's operators; null (the default) gives them only what the engine has. Its services outlive crashes.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>Where the engine logs. Nowhere by default.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
