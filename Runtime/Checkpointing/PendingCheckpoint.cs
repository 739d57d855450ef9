using System.Globalization;
using Weir.Runtime.Tasks;

namespace Weir.Runtime.Checkpointing;

/// <summary>How far one checkpoint has come: who is ready, has switched, has all barriers, has acknowledged.</summary>
/// <remarks>Thread: the coordinator's lane.</remarks>
internal sealed class PendingCheckpoint
{
    private readonly HashSet<Subtask> _notReady;
    private readonly HashSet<Subtask> _notSwitched;
    private readonly HashSet<Subtask> _withoutBarriers;
    private readonly Dictionary<Subtask, SubtaskSnapshot> _snapshots = [];
    private readonly int _subtasks;
    private readonly long _triggeredAt;
    private readonly TimeProvider _time;
    private (Subtask Subtask, TimeSpan After)? _lastBarrier;
    private (Subtask Subtask, TimeSpan After)? _lastWritten;

    public PendingCheckpoint(Checkpoint checkpoint, IReadOnlyCollection<Subtask> subtasks, IReadOnlyCollection<Subtask> sinks, TimeProvider time)
    {
        Checkpoint = checkpoint;
        TriggeredAt = time.GetUtcNow();
        _subtasks = subtasks.Count;
        _withoutBarriers = [.. subtasks];
        _notReady = [.. sinks];
        _notSwitched = [.. sinks];
        _time = time;
        _triggeredAt = time.GetTimestamp();
    }

    public Checkpoint Checkpoint { get; }

    public DateTimeOffset TriggeredAt { get; }

    public TimeSpan Age => _time.GetElapsedTime(_triggeredAt);

    /// <summary>How old it was when it turned unaligned; null while it did not.</summary>
    public TimeSpan? TurnedAfter { get; private set; }

    /// <summary>Past the switch it is never given up.</summary>
    public bool HasSwitched { get; set; }

    /// <summary>Why it should be given up, while it may be.</summary>
    public Exception? Failure { get; private set; }

    public bool AllReady => _notReady.Count == 0;

    public bool AllSwitched => _notSwitched.Count == 0;

    public bool AllAcknowledged => _snapshots.Count == _subtasks;

    public IReadOnlyCollection<SubtaskSnapshot> Snapshots => _snapshots.Values;

    public TimeSpan LastBarrierAfter => _lastBarrier?.After ?? default;

    /// <summary>One sentence: who was, or still is, last, and in which phase.</summary>
    public string Verdict => TurnedAfter is { } turned ? string.Create(CultureInfo.InvariantCulture, $"turned unaligned after {turned.TotalMilliseconds:0} ms; {Progress}") : Progress;

    private string Progress
    {
        get
        {
            if (_withoutBarriers.Count > 0)
            {
                return $"{_withoutBarriers.First().Name} still waits for barriers, {_withoutBarriers.Count} of {_subtasks} subtasks do";
            }
            if (!AllAcknowledged)
            {
                return string.Create(CultureInfo.InvariantCulture, $"all barriers had come after {LastBarrierAfter.TotalMilliseconds:0.0} ms; {_subtasks - _snapshots.Count} of {_subtasks} subtasks have not written their part");
            }
            return _lastBarrier is { } barrier && _lastWritten is { } written
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{barrier.Subtask.Name} had its barriers last, after {barrier.After.TotalMilliseconds:0.0} ms; {written.Subtask.Name} had written last, after {written.After.TotalMilliseconds:0.0} ms")
                : "nothing took part";
        }
    }

    /// <summary>From now on its barriers overtake what is queued.</summary>
    public void TurnUnaligned()
    {
        TurnedAfter = Age;
        Checkpoint.TurnUnaligned();
    }

    public void Fail(Exception failure) => Failure ??= failure;

    public void Ready(Subtask subtask) => _notReady.Remove(subtask);

    public void Switched(Subtask subtask) => _notSwitched.Remove(subtask);

    public void BarriersComplete(Subtask subtask)
    {
        if (_withoutBarriers.Remove(subtask))
        {
            _lastBarrier = (subtask, Age);
        }
    }

    public void Acknowledge(SubtaskSnapshot snapshot)
    {
        _snapshots.Add(snapshot.Subtask, snapshot);
        _lastWritten = (snapshot.Subtask, Age);
    }
}
