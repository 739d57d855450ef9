using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>One subtask's part of a checkpoint, as it was stored.</summary>
/// <param name="Subtask">Whose it is.</param>
/// <param name="Finished">Whether it had finished when the snapshot was taken; one that finishes later still has output after it.</param>
/// <param name="Positions">Where its splits stand, if it is a source.</param>
/// <param name="State">What its operators keep.</param>
/// <param name="InFlight">What its channels held before the barriers.</param>
/// <param name="Watermarks">How far event time had come at what it had processed.</param>
internal sealed record SubtaskSnapshot(
    Subtask Subtask,
    bool Finished,
    IReadOnlyList<SplitPosition> Positions,
    StoredState State,
    IReadOnlyList<StoredChannel> InFlight,
    SubtaskWatermarks Watermarks);

/// <summary>One subtask's watermarks.</summary>
/// <param name="HandedOn">What it had handed on; null where nothing.</param>
/// <param name="Received">What it had read of each of its channels; null where none had any.</param>
internal sealed record SubtaskWatermarks(long? HandedOn, IReadOnlyList<ReceivedWatermark>? Received)
{
    public static SubtaskWatermarks None { get; } = new(null, null);
}

/// <summary>The state of one subtask's operators as it was stored, by operator id.</summary>
internal sealed class StoredState
{
    public Dictionary<string, IReadOnlyList<KeyedStatePart>> Keyed { get; } = [];

    public Dictionary<string, IReadOnlyList<OperatorStatePart>> Operator { get; } = [];

    /// <summary>Bytes of all of it.</summary>
    public long Bytes => Keyed.Values.SelectMany(parts => parts).Sum(part => (long)part.Handle.Length) + Operator.Values.SelectMany(parts => parts).Sum(part => (long)part.Handle.Length);
}
