using Microsoft.Extensions.Logging;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Graph;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>What all attempts of a run share.</summary>
internal sealed class AttemptParts
{
    public required ExecutionPlan Plan { get; init; }

    public required int Slot { get; init; }

    public required IExecutor Executor { get; init; }

    public required SynchronizationContext Lane { get; init; }

    public required ICheckpointStorage Storage { get; init; }

    public required ISpillStorage Spill { get; init; }

    public required MemoryBudget Memory { get; init; }

    public required IConnectorFactory Connectors { get; init; }

    public required IServiceProvider? Services { get; init; }

    public required ILogger Logger { get; init; }

    public required IJobObserver? Observer { get; init; }

    public required JobCounters Counters { get; init; }

    public required CheckpointHistory History { get; init; }

    /// <summary>The mode of a checkpoint that begins now.</summary>
    public required Func<CheckpointMode> Mode { get; init; }

    /// <summary>Whether no attempt of this run has chosen where to begin: what the operator asked for does not hold for the restarts that follow.</summary>
    public required bool IsFirstChoice { get; init; }

    public required InFlightDrop Drop { get; init; }

    public required Action FirstRecord { get; init; }

    public required SavepointDesk Savepoints { get; init; }
}
