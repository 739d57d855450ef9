using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>One subtask's part of a checkpoint, as it was stored.</summary>
internal sealed record SubtaskSnapshot(
    Subtask Subtask,
    IReadOnlyList<SplitPosition> Positions,
    IReadOnlyDictionary<string, IReadOnlyList<KeyedStatePart>> State,
    IReadOnlyList<StoredChannel> InFlight);
