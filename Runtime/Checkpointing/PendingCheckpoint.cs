using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;

namespace Weir.Runtime.Checkpointing;

/// <summary>How far one checkpoint has come: who is ready, has switched, has all barriers, has acknowledged.</summary>
/// <remarks>Thread: the coordinator's lane.</remarks>
internal sealed class PendingCheckpoint
{
    private readonly ExecutionGraph _graph;
    private readonly HashSet<Subtask> _notReady;
    private readonly HashSet<Subtask> _notSwitched;
    private readonly HashSet<Subtask> _withoutBarriers;
    private readonly Dictionary<Subtask, SubtaskSnapshot> _snapshots = [];
    private readonly long _triggeredAt;
    private readonly TimeProvider _time;

    public PendingCheckpoint(Checkpoint checkpoint, ExecutionGraph graph, IReadOnlyCollection<Subtask> sinks, TimeProvider time)
    {
        Checkpoint = checkpoint;
        TriggeredAt = time.GetUtcNow();
        _graph = graph;
        _withoutBarriers = [.. graph.Subtasks];
        _notReady = [.. sinks];
        _notSwitched = [.. sinks];
        _time = time;
        _triggeredAt = time.GetTimestamp();
    }

    public Checkpoint Checkpoint { get; }

    public DateTimeOffset TriggeredAt { get; }

    public TimeSpan Age => _time.GetElapsedTime(_triggeredAt);

    public ExecutionPlan Plan => _graph.Plan;

    /// <summary>All that take part, producers before their consumers.</summary>
    public IReadOnlyList<Subtask> Subtasks => _graph.Subtasks;

    /// <summary>How old it was when it turned unaligned; null while it did not.</summary>
    public TimeSpan? TurnedAfter { get; private set; }

    /// <summary>Past the switch it is never given up.</summary>
    public bool HasSwitched { get; set; }

    /// <summary>Why it should be given up, while it may be.</summary>
    public Exception? Failure { get; private set; }

    public bool AllReady => _notReady.Count == 0;

    public bool AllSwitched => _notSwitched.Count == 0;

    public bool AllAcknowledged => _snapshots.Count == Subtasks.Count;

    public IReadOnlyCollection<SubtaskSnapshot> Snapshots => _snapshots.Values;

    /// <summary>Those that have not all their barriers, in their order.</summary>
    public IReadOnlyList<Subtask> WithoutBarriers => [.. Subtasks.Where(_withoutBarriers.Contains)];

    /// <summary>Those that have not said that their part is written, in their order.</summary>
    public IReadOnlyList<Subtask> NotAcknowledged => [.. Subtasks.Where(subtask => !_snapshots.ContainsKey(subtask))];

    /// <summary>Who was ready last.</summary>
    public Subtask? LastReady { get; private set; }

    /// <summary>Who had all barriers last, and when.</summary>
    public (Subtask Subtask, TimeSpan After)? LastBarrier { get; private set; }

    public TimeSpan LastBarrierAfter => LastBarrier?.After ?? default;

    /// <summary>Who had written last, and when.</summary>
    public (Subtask Subtask, TimeSpan After)? LastWritten { get; private set; }

    /// <summary>How old it was when its commit was done; null before.</summary>
    public TimeSpan? CommittedAfter { get; private set; }

    /// <summary>One sentence: who was, or still is, last, in which phase, and why.</summary>
    public string Verdict => CheckpointVerdict.Of(this);

    /// <summary>How old it was when a subtask did something for it; null where it did not.</summary>
    public TimeSpan? After(Subtask subtask, SubtaskStep step) => Checkpoint.TimesOf(subtask)[step] is { } at ? _time.GetElapsedTime(_triggeredAt, at) : null;

    /// <summary>What a subtask stored; null where it has not said so.</summary>
    public SubtaskSnapshot? SnapshotOf(Subtask subtask) => _snapshots.GetValueOrDefault(subtask);

    /// <summary>From now on its barriers overtake what is queued.</summary>
    public void TurnUnaligned()
    {
        TurnedAfter = Age;
        Checkpoint.TurnUnaligned();
    }

    public void Fail(Exception failure) => Failure ??= failure;

    public void Ready(Subtask subtask)
    {
        if (_notReady.Remove(subtask))
        {
            LastReady = subtask;
        }
    }

    public void Switched(Subtask subtask) => _notSwitched.Remove(subtask);

    public void BarriersComplete(Subtask subtask)
    {
        if (_withoutBarriers.Remove(subtask))
        {
            LastBarrier = (subtask, Age);
        }
    }

    public void Acknowledge(SubtaskSnapshot snapshot)
    {
        _snapshots.Add(snapshot.Subtask, snapshot);
        LastWritten = (snapshot.Subtask, Age);
        Checkpoint.TimesOf(snapshot.Subtask).Note(SubtaskStep.Acknowledged, _time.GetTimestamp());
    }

    /// <summary>It is the one that counts.</summary>
    public void Committed() => CommittedAfter = Age;
}
