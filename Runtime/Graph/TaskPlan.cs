using System.Diagnostics;
using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;

namespace Weir.Runtime.Graph;

/// <summary>A chain of operators that runs as one: unrolled into subtasks, between which records go over edges.</summary>
internal sealed class TaskPlan
{
    private readonly List<EdgePlan> _inEdges = [];
    private readonly List<EdgePlan> _outEdges = [];

    public TaskPlan(int index, IReadOnlyList<OperatorNode> nodes)
    {
        Index = index;
        Nodes = nodes;
        Name = string.Join(" -> ", nodes.Select(node => node.Id));
    }

    /// <summary>Its number in the plan: producers come before their consumers.</summary>
    public int Index { get; }

    /// <summary>The ids of its operators, in their order.</summary>
    public string Name { get; }

    public int Parallelism => Head.Parallelism;

    /// <summary>Its operators in the order a record takes.</summary>
    public IReadOnlyList<OperatorNode> Nodes { get; }

    public OperatorNode Head => Nodes[0];

    public OperatorNode Tail => Nodes[^1];

    /// <summary>All that lead to one input carry records of one type; none where the task starts with a source.</summary>
    public IReadOnlyList<EdgePlan> InEdges => _inEdges;

    /// <summary>Those of the last operator's main output, each of which gets every record it emits, and those of side outputs; none where the task ends in a sink.</summary>
    public IReadOnlyList<EdgePlan> OutEdges => _outEdges;

    public bool StartsWithSource => Head.IsSource;

    /// <summary>Whether its subtasks snapshot only when barriers that do not overtake have come, so that theirs come late.</summary>
    public bool IsLate => _inEdges.Exists(edge => edge.IsAwaited);

    public bool EndsInSink => Tail.IsSink;

    public bool EndsInTransactionalSink => Tail.IsTransactional;

    /// <summary>How many operators of a chain's come before an edge begins; a source is none.</summary>
    public int PlaceOf(EdgePlan edge) => Nodes.TakeWhile(node => node != edge.Emitter).Count() + (StartsWithSource ? 0 : 1);

    /// <summary>Whether an edge of this id would join two of its operators, which are chained.</summary>
    public bool Chains(string edgeId) => Nodes.SelectMany(node => node.Outputs).Any(output => output.IsChained && EdgePlan.IdOf(output, 0) == edgeId);

    /// <summary>Makes what its subtasks begin with.</summary>
    public TaskHead CreateHead() => Head.CreateTaskHead();

    /// <summary>Makes the operators of one subtask and joins them.</summary>
    /// <param name="context">The subtask.</param>
    /// <param name="collectorOf">Gives the <c>Collector</c> of what goes over some of its edges.</param>
    /// <param name="stateOf">Gives the keyed state of an operator that has some.</param>
    public OperatorChain Build(SubtaskContext context, Func<IEnumerable<EdgePlan>, object> collectorOf, Func<OperatorNode, KeyedState> stateOf)
    {
        var operators = new List<IOperator>(Nodes.Count);
        object? next = EndsInSink ? null : collectorOf(_outEdges.Where(edge => edge.Tag is null));
        for (int i = Nodes.Count - 1; i >= 0; i--)
        {
            var node = Nodes[i];
            next = node.Build(context, new OperatorOutputs(next, SidesOf(node, collectorOf)), node.HasKeyedState ? stateOf(node) : null);
            if (next is IOperator built)
            {
                operators.Add(built);
            }
        }
        operators.Reverse();
        if (EndsInSink && !Head.HasKeyedState && _inEdges is [var edge])
        {
            next = edge.WithKeyBefore(next!, context.Record);
        }
        return new OperatorChain(next!, operators);
    }

    public override string ToString() => Name;

    private SideOutputs SidesOf(OperatorNode node, Func<IEnumerable<EdgePlan>, object> collectorOf) => new(
        node.Id,
        [.. from edge in _outEdges where edge.Emitter == node && edge.Tag is not null group edge by edge.Tag into side select new SideOutput(side.Key, collectorOf(side))]);

    internal void AddInEdge(EdgePlan edge) => _inEdges.Add(edge);

    internal void AddOutEdge(EdgePlan edge) => _outEdges.Add(edge);
}
