using Weir.Runtime;

namespace Weir.Tests.Simulation;

/// <summary>What may take effect in a seed, so that a table shows whether the search meets it often enough to prove anything.</summary>
internal enum Event
{
    Crash,
    TwoLives,
    Stop,
    Cancel,
    StorageFailure,
    StorageSilence,
    CommitInDoubt,
    SinkStalls,
    GivenUp,
    Aligned,
    TurnedUnaligned,
    Broadcast,
    BroadcastInSeries,
    Union,
    TwoInputs,
    SideOutput,
    SameStreamTwice,
    LegacySource,
    Overdrawn,
    OverflowInMemory,
    Spilled,
    SpilledOvertaken,
    SpillFailure,
    ChannelMemoryUsedUp,
    CopyMemoryUsedUp,
    RestoredInFlight,
    RescaledInFlight,
    RescaleRefused,
    InFlightByKey,
    InFlightByRule,
    InFlightInTurns,
    InFlightForward,
    InFlightLayers,
    Savepoint,
    SavepointInFlight,
    Drained,
    RestoredFromSavepoint,
    KeysRegrouped,
    Watermarks,
    LateRecords,
    InFlightWatermarks,
    Referenced,
    ReferencedAgain,
}

/// <summary>What happened in one seed.</summary>
internal sealed class SimulationFigures
{
    private readonly HashSet<Event> _events = [];

    public int Records { get; set; }

    public long Steps { get; set; }

    public int Checkpoints { get; private set; }

    public int Restores { get; set; }

    public long InFlightRecords { get; set; }

    /// <summary>Where barriers overtake on all edges: the longest that one checkpoint's took, in ms, as a part of what the job's size allows.</summary>
    public double BarrierShare { get; set; }

    public bool Has(Event what) => _events.Contains(what);

    public void Note(Event what) => _events.Add(what);

    public void Completed(CheckpointReport report)
    {
        Checkpoints++;
        if (report.TurnedAfter is not null)
        {
            Note(Event.TurnedUnaligned);
        }
    }
}
