using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>One subtask's part of a checkpoint, as it was stored.</summary>
/// <param name="Subtask">Whose it is.</param>
/// <param name="Finished">Whether it had finished when the snapshot was taken; one that finishes later still has output after it.</param>
/// <param name="Positions">Where its splits stand, if it is a source.</param>
/// <param name="State">What its operators keep.</param>
/// <param name="InFlight">What its channels held before the barriers.</param>
internal sealed record SubtaskSnapshot(
    Subtask Subtask,
    bool Finished,
    IReadOnlyList<SplitPosition> Positions,
    StoredState State,
    IReadOnlyList<StoredChannel> InFlight);

/// <summary>The state of one subtask's operators as it was stored, by operator id.</summary>
internal sealed class StoredState
{
    public Dictionary<string, IReadOnlyList<KeyedStatePart>> Keyed { get; } = [];

    public Dictionary<string, IReadOnlyList<OperatorStatePart>> Operator { get; } = [];

    /// <summary>Bytes of all of it.</summary>
    public long Bytes => Keyed.Values.SelectMany(parts => parts).Sum(part => (long)part.Handle.Length) + Operator.Values.SelectMany(parts => parts).Sum(part => (long)part.Handle.Length);
}
