using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;

namespace Weir.Runtime.Tasks;

/// <summary>Sums what the parts of a job did, over all attempts of a run. What it says never falls but for what is held now.</summary>
/// <remarks>Thread: its owner's lock. The record path only has counters of its own, which are read here.</remarks>
internal sealed class FlowFigures(ExecutionPlan plan, TimeProvider time)
{
    // What a watermark may be is more than a date may.
    private static readonly long s_latestMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private readonly Dictionary<string, long> _ended = [];
    private readonly Dictionary<string, StepTimes.Ticks> _spent = [];

    // A step that ends while somebody looks may be noted with a time just before that look.
    private readonly Dictionary<string, StepTimes.Ticks> _shown = [];

    /// <summary>An attempt is over: what it did is kept.</summary>
    public void End(ExecutionGraph graph)
    {
        foreach (var (id, records) in Live(graph))
        {
            _ended[id] = _ended.GetValueOrDefault(id) + records;
        }
        foreach (var task in plan.Tasks)
        {
            _spent[task.Name] = _spent.GetValueOrDefault(task.Name) + Spent(graph, task);
        }
    }

    /// <summary>Records taken from all sources and given to all sinks.</summary>
    /// <param name="graph">The attempt that runs; null where none does.</param>
    public (long Taken, long Given) Records(ExecutionGraph? graph)
    {
        var records = RecordsOf(graph);
        return (plan.Operators.Where(node => node.IsSource).Sum(records), plan.Sinks.Sum(records));
    }

    /// <summary>All of it, with what the attempt that runs did so far.</summary>
    /// <param name="graph">That attempt; null where none does.</param>
    public JobFigures Of(ExecutionGraph? graph)
    {
        var records = RecordsOf(graph);
        return new JobFigures(
            [.. plan.Operators.Where(node => node.IsSource).Select(node => Source(graph, node, records(node)))],
            [.. plan.Sinks.Select(node => new SinkFigures(node.DefaultId ?? node.Id, records(node)))],
            [.. plan.Tasks.Select(task => Task(graph, task))],
            Buffers(graph),
            graph?.OverflowBytes ?? 0);
    }

    private Func<OperatorNode, long> RecordsOf(ExecutionGraph? graph)
    {
        var now = (graph is null ? [] : Live(graph)).ToLookup(one => one.Id, one => one.Records);
        return node => _ended.GetValueOrDefault(node.Id) + now[node.Id].Sum();
    }

    /// <summary>Of each subtask of a source or sink, by its operator's id.</summary>
    private static IEnumerable<(string Id, long Records)> Live(ExecutionGraph graph) =>
        graph.Subtasks.Where(subtask => subtask.IsSource).Select(subtask => (subtask.Source!, subtask.Records))
            .Concat(graph.Subtasks.SelectMany(subtask => subtask.Operators).OfType<ISinkOperator>().Select(sink => (sink.Id, sink.Records)));

    private static SourceFigures Source(ExecutionGraph? graph, OperatorNode node, long records)
    {
        var begun = (graph?.Subtasks ?? []).Where(subtask => subtask.Source == node.Id && subtask is { Generates: true, WatermarkOut: > long.MinValue }).ToList();
        var counting = begun.Where(subtask => subtask is { IsIdleOut: false, WatermarkOut: < long.MaxValue }).ToList();
        return new SourceFigures(
            node.DefaultId ?? node.Id,
            records,
            counting.Count > 0 ? DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Clamp(counting.Min(subtask => subtask.WatermarkOut), 0, s_latestMs)) : null,
            begun.Count > 0 && counting.Count == 0 && begun.Exists(subtask => subtask.IsIdleOut));
    }

    private TaskFigures Task(ExecutionGraph? graph, TaskPlan task)
    {
        var spent = _spent.GetValueOrDefault(task.Name);
        if (graph is not null)
        {
            spent += Spent(graph, task);
        }
        _shown[task.Name] = spent = StepTimes.Ticks.Highest(spent, _shown.GetValueOrDefault(task.Name));
        return new TaskFigures(task.Name, Time(StepState.Busy), Time(StepState.Queued), Time(StepState.Backpressured), Time(StepState.Idle));

        TimeSpan Time(StepState state) => TimeSpan.FromSeconds(spent[(int)state] / (double)time.TimestampFrequency);
    }

    private StepTimes.Ticks Spent(ExecutionGraph graph, TaskPlan task)
    {
        long now = time.GetTimestamp();
        var sum = default(StepTimes.Ticks);
        foreach (var subtask in graph.Subtasks.Where(subtask => subtask.Id.Task == task.Index))
        {
            sum += subtask.Times.Until(now);
        }
        return sum;
    }

    private static BufferFigures Buffers(ExecutionGraph? graph)
    {
        long used = 0, free = 0, overdraft = 0;
        foreach (var credit in graph?.Credits ?? [])
        {
            long left = credit.Left;
            used += credit.Batches - Math.Max(0, left);
            free += Math.Max(0, left);
            overdraft += Math.Max(0, -left);
        }
        return new BufferFigures(used, free, overdraft);
    }
}
