using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>What a subtask is made of.</summary>
internal sealed class SubtaskParts
{
    public required SubtaskId Id { get; init; }

    public required string Name { get; init; }

    public required int Ordinal { get; init; }

    public required IExecutor Executor { get; init; }

    public required ISubtaskEvents Events { get; init; }

    public required RecordContext Record { get; init; }

    public required IReadOnlyList<IOperator> Operators { get; init; }

    /// <summary>Its outputs by their places in the chain, in order; the last one is the chain's end.</summary>
    public required IReadOnlyList<WatermarkExit> Exits { get; init; }

    /// <summary>The transactional sink at the end of the chain, or null.</summary>
    public required ISinkOperator? Sink { get; init; }

    public required long MaxInFlightBytes { get; init; }

    /// <summary>What batches are counted with.</summary>
    public required MemoryShare Channels { get; init; }
}
