using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>One subtask's part of a checkpoint, as it was stored.</summary>
/// <param name="Subtask">Whose.</param>
/// <param name="Finished">Whether it had processed all its input when it took the snapshot; it may have finished since.</param>
/// <param name="Positions">Where its source stands.</param>
/// <param name="State">Its keyed state, by operator.</param>
/// <param name="InFlight">What its channels had in flight.</param>
internal sealed record SubtaskSnapshot(
    Subtask Subtask,
    bool Finished,
    IReadOnlyList<SplitPosition> Positions,
    IReadOnlyDictionary<string, IReadOnlyList<KeyedStatePart>> State,
    IReadOnlyList<StoredChannel> InFlight);
