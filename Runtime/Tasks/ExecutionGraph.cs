using Microsoft.Extensions.Logging;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>A plan unrolled for one attempt: its subtasks, and the channels that join them.</summary>
internal sealed class ExecutionGraph
{
    private readonly Dictionary<EdgePlan, EdgeWiring> _edges;
    private readonly List<Subtask> _subtasks = [];
    private readonly List<BatchPool> _restorePools = [];
    private readonly List<GateCredit> _credits = [];
    private readonly MemoryBudget _memory;
    private readonly StateBudget _state;
    private readonly MemoryShare _overflow;
    private readonly SpillSpace _spill;

    private ExecutionGraph(GraphParts parts)
    {
        var plan = Plan = parts.Plan;
        _memory = parts.Memory;
        _state = new StateBudget(_memory.State, _memory.Copies, parts.StateTooLarge);
        _overflow = new MemoryShare(Math.Min(plan.Settings.MaxOverflowBytes, _memory.OverflowBytesMax));
        _spill = new SpillSpace(parts.Spill, plan.Settings.SpillRegionBytes);
        _edges = plan.Edges.ToDictionary(edge => edge, edge => edge.CreateWiring(_memory.Channels));
        Channels = [.. plan.Edges.SelectMany(edge => Enumerable.Range(0, edge.From.Parallelism).SelectMany(from => _edges[edge].OutOf(from)))];
    }

    public ExecutionPlan Plan { get; }

    /// <summary>Producers before their consumers.</summary>
    public IReadOnlyList<Subtask> Subtasks => _subtasks;

    public IReadOnlyList<Channel> Channels { get; }

    /// <summary>Bytes in the spill file that are not yet read, or that a checkpoint still copies. Any thread.</summary>
    public long SpilledBytes => _spill.Bytes;

    /// <summary>Memory in bytes that is taken for what single records made beyond their gates' batches. Any thread.</summary>
    public long OverflowBytes => _overflow.Taken;

    /// <summary>The credit of each gate.</summary>
    public IReadOnlyList<GateCredit> Credits => _credits;

    /// <summary>Makes all subtasks; nothing runs yet.</summary>
    public static ExecutionGraph Build(GraphParts parts)
    {
        var graph = new ExecutionGraph(parts);
        foreach (var task in parts.Plan.Tasks)
        {
            for (int index = 0; index < task.Parallelism; index++)
            {
                graph._subtasks.Add(graph.BuildSubtask(parts, task, index));
            }
        }
        return graph;
    }

    /// <summary>Where restored records of a channel go in.</summary>
    public Channel? FindChannel(string edgeId, int from, int to) =>
        _edges.FirstOrDefault(edge => edge.Key.Id == edgeId).Value?.Find(from, to);

    /// <summary>The subtask of an operator.</summary>
    public Subtask Find(string operatorId, int index)
    {
        var task = Plan.Tasks.First(task => task.Nodes.Any(node => node.Id == operatorId));
        return _subtasks.First(subtask => subtask.Id == new SubtaskId(task.Index, index));
    }

    /// <summary>Ends the attempt: nothing is stepped any more, and all that was held is released.</summary>
    public async Task CloseAsync()
    {
        await Task.WhenAll(_subtasks.Select(subtask => subtask.EndAsync()));
        foreach (var subtask in _subtasks)
        {
            subtask.Release();
        }
    }

    /// <summary>After the close, and when no checkpoint is written any more: fails if a batch did not come home, or what it took beyond its gate's pool.</summary>
    public void CheckAllBatchesCameHome()
    {
        var missing = Pools.Where(pool => pool.Outstanding != 0).Select(pool => pool.Renters).ToList();
        if (_overflow.Taken != 0 || _spill.Bytes != 0)
        {
            missing.Add($"{_overflow.Taken} bytes of the memory budget and {_spill.Bytes} of the spill file");
        }
        if (missing.Count > 0)
        {
            throw new InvalidOperationException($"Batches did not come home: {string.Join(", ", missing)}");
        }
    }

    /// <summary>After the close, and when no checkpoint is written any more: gives all memory back that was taken, so that the next attempt finds it free.</summary>
    public void ReleaseMemory()
    {
        foreach (var pool in Pools)
        {
            pool.Release();
        }
        foreach (var state in _subtasks.SelectMany(subtask => subtask.Operators).Select(member => member.State).OfType<KeyedState>().Distinct())
        {
            state.Release();
        }
    }

    private IEnumerable<BatchPool> Pools => _edges.Values.SelectMany(edge => edge.Pools).Concat(_restorePools);

    /// <summary>The chain's end is one also where nothing leads on from there.</summary>
    private static List<WatermarkExit> ExitsOf(TaskPlan task, OperatorChain chain, Dictionary<EdgePlan, IOutputGate> gates)
    {
        var outputs = task.OutEdges.ToLookup(task.PlaceOf, edge => gates[edge]);
        return [.. outputs.Select(place => place.Key).Append(chain.Operators.Count).Distinct().Order().Select(place => new WatermarkExit(place, [.. outputs[place]]))];
    }

    private Subtask BuildSubtask(GraphParts parts, TaskPlan task, int index)
    {
        var settings = parts.Plan.Settings;
        var record = new RecordContext();
        var credits = new List<GateCredit>();
        var gates = new Dictionary<EdgePlan, IOutputGate>();
        foreach (var edge in task.OutEdges)
        {
            int channels = _edges[edge].OutOf(index).Count();
            var credit = new GateCredit(settings.BatchesOf(channels), _memory.Channels);
            credits.Add(credit);
            gates.Add(edge, _edges[edge].CreateGate(index, record, credit, settings, _overflow, _spill));
        }
        Subtask? subtask = null;
        var context = new SubtaskContext
        {
            Subtask = index,
            Parallelism = task.Parallelism,
            MaxParallelism = settings.MaxParallelism,
            Record = record,
            Time = parts.Executor.Time,
            Wake = () => subtask?.Wake(),
            Codecs = parts.Plan.Codecs,
            Services = parts.Services,
            Sinks = parts.Sinks,
            Logger = parts.Logger,
        };
        var groups = new KeyGroups(settings.MaxParallelism);
        var range = groups.RangeOf(index, task.Parallelism);
        var chain = task.Build(context, edges => _edges[edges.First()].Join([.. edges.Select(edge => gates[edge])]), node => node.OpenState(parts.Plan.Codecs, groups, range, _state));
        var made = new SubtaskParts
        {
            Id = new SubtaskId(task.Index, index),
            Name = $"{task.Name} #{index}",
            Ordinal = _subtasks.Count,
            Executor = parts.Executor,
            Events = parts.Events,
            Record = record,
            Operators = chain.Operators,
            Exits = ExitsOf(task, chain, gates),
            Sink = task.EndsInTransactionalSink ? (ISinkOperator)chain.Operators[^1] : null,
            MaxInFlightBytes = Math.Min(settings.MaxInFlightBytes, _memory.InFlightBytesMax),
            Channels = _memory.Channels,
        };
        var inputs = task.InEdges.SelectMany(edge => _edges[edge].Into(index), (edge, channel) => (edge, channel)).ToLookup(input => input.edge.Input, input => input.channel);
        subtask = task.CreateHead().Create(made, chain.Head, inputs, _restorePools);
        foreach (var credit in credits)
        {
            credit.Producer = subtask;
            _credits.Add(credit);
        }
        return subtask;
    }
}

/// <summary>What a plan is unrolled with.</summary>
internal sealed class GraphParts
{
    public required ExecutionPlan Plan { get; init; }

    /// <summary>Where batches go that memory has no room for; the caller's, who closes it when nothing of the graph is used any more.</summary>
    public required ISpillFile Spill { get; init; }

    /// <summary>What all of it takes memory from.</summary>
    public required MemoryBudget Memory { get; init; }

    /// <summary>Told once that keyed state has taken too much, on the thread that took it.</summary>
    public required Action StateTooLarge { get; init; }

    public required IExecutor Executor { get; init; }

    public required ISubtaskEvents Events { get; init; }

    public required IServiceProvider? Services { get; init; }

    public required IReadOnlyDictionary<string, OpenedSink> Sinks { get; init; }

    public required ILogger Logger { get; init; }
}
