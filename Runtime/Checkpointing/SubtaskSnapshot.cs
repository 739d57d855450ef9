using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>One subtask's part of a checkpoint, as it was stored.</summary>
/// <param name="Subtask">Whose it is.</param>
/// <param name="Finished">Whether it had finished when the snapshot was taken; one that finishes later still has output after it.</param>
/// <param name="Positions">Where its splits stand, if it is a source.</param>
/// <param name="State">Keyed state, by operator id.</param>
/// <param name="InFlight">What its channels held before the barriers.</param>
internal sealed record SubtaskSnapshot(
    Subtask Subtask,
    bool Finished,
    IReadOnlyList<SplitPosition> Positions,
    IReadOnlyDictionary<string, IReadOnlyList<KeyedStatePart>> State,
    IReadOnlyList<StoredChannel> InFlight);
