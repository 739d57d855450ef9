using Weir.Runtime.Gates;
using Weir.Runtime.Graph;

namespace Weir.Runtime.Tasks;

/// <summary>Counts what all attempts of a run did. Thread: the lane writes, but for slack, and any reads; the record path only has counters of its own.</summary>
internal sealed class JobCounters(ExecutionPlan plan, TimeProvider time)
{
    private static readonly TimeSpan s_stuckFrom = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, RestartSlack> _slacks = [];
    private readonly FlowFigures _figures = new(plan, time);
    private ExecutionGraph? _graph;
    private OverflowCounts _overflow;
    private volatile JobPhase _phase = JobPhase.Starting;
    private int _restarts;
    private int _failedCheckpoints;
    private CheckpointReport? _last;
    private DateTimeOffset? _lastAt;
    private string? _trouble;
    private string? _step;
    private long _stepBegan;

    public bool HasEnded => _phase == JobPhase.Ended;

    public JobStatus Status
    {
        get
        {
            lock (_lock)
            {
                var (taken, given) = _figures.Records(_graph);
                var overflow = _overflow + LiveOverflow();
                return new JobStatus(_phase, taken, given, _restarts, _last, _lastAt, _failedCheckpoints, Lag())
                {
                    Overflow = new OverflowStatus(overflow.Overdrawn, overflow.InMemory, overflow.Spilled, _graph?.SpilledBytes ?? 0),
                    Step = _step is { } step ? new JobStep(step, time.GetElapsedTime(_stepBegan)) : null,
                    Stuck = Stuck(),
                    CheckpointTrouble = _trouble,
                    Slack = _slacks.Values.OrderByDescending(slack => slack.Level).ThenBy(slack => slack.Left).FirstOrDefault(),
                };
            }
        }
    }

    public JobFigures Figures
    {
        get
        {
            lock (_lock)
            {
                return _figures.Of(_graph);
            }
        }
    }

    public void Enter(JobPhase phase)
    {
        lock (_lock)
        {
            _phase = phase;
            _step = null;
        }
    }

    /// <summary>Another step of the start, or of the end, begins.</summary>
    public void Does(string step)
    {
        lock (_lock)
        {
            (_step, _stepBegan) = (step, time.GetTimestamp());
        }
    }

    public void Begin(ExecutionGraph graph)
    {
        lock (_lock)
        {
            _graph = graph;
            _slacks.Clear();
            _phase = JobPhase.Running;
            _step = null;
        }
    }

    public void EndAttempt()
    {
        lock (_lock)
        {
            _overflow += LiveOverflow();
            if (_graph is not null)
            {
                _figures.End(_graph);
            }
            _graph = null;
        }
    }

    public void Restarting()
    {
        lock (_lock)
        {
            _restarts++;
            _phase = JobPhase.Restarting;
        }
    }

    public void Completed(CheckpointReport report)
    {
        lock (_lock)
        {
            _last = report;
            _lastAt = time.GetUtcNow();
            _trouble = null;
        }
    }

    public void GivenUp(string verdict)
    {
        lock (_lock)
        {
            _failedCheckpoints++;
            _trouble = verdict;
        }
    }

    /// <summary>A checkpoint waits for its store.</summary>
    public void Waits(string reason)
    {
        lock (_lock)
        {
            _trouble = reason;
        }
    }

    public void NoteSlack(string source, RestartSlack? slack)
    {
        lock (_lock)
        {
            if (slack is null)
            {
                _slacks.Remove(source);
            }
            else
            {
                _slacks[source] = slack;
            }
        }
    }

    private StuckSubtask? Stuck()
    {
        StuckSubtask? longest = null;
        foreach (var subtask in _graph?.Subtasks ?? [])
        {
            if (subtask.InStepFor is { } time && time >= (longest?.For ?? s_stuckFrom))
            {
                longest = new StuckSubtask(subtask.Name, time);
            }
        }
        return longest;
    }

    private long? Lag()
    {
        long? sum = null;
        foreach (var subtask in _graph?.Subtasks ?? [])
        {
            sum = subtask.Lag is { } lag ? (sum ?? 0) + lag : sum;
        }
        return sum;
    }

    private OverflowCounts LiveOverflow()
    {
        var sum = default(OverflowCounts);
        foreach (var output in (_graph?.Subtasks ?? []).SelectMany(subtask => subtask.Outputs))
        {
            sum += output.Overflow;
        }
        return sum;
    }
}
