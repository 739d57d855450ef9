using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>A job's graph, chained into tasks: what the engine runs.</summary>
/// <remarks>Immutable once made; good for any number of attempts.</remarks>
internal sealed class ExecutionPlan
{
    private ExecutionPlan(JobSettings settings, CodecRegistry codecs, IReadOnlyList<TaskPlan> tasks, IReadOnlyList<EdgePlan> edges)
    {
        Settings = settings;
        Codecs = codecs;
        Tasks = tasks;
        Edges = edges;
        Operators = [.. tasks.SelectMany(task => task.Nodes)];
        Sinks = [.. Operators.OfType<SinkNode>()];
    }

    public JobSettings Settings { get; }

    public CodecRegistry Codecs { get; }

    /// <summary>Producers before their consumers.</summary>
    public IReadOnlyList<TaskPlan> Tasks { get; }

    /// <summary>In the order of the tasks they come from.</summary>
    public IReadOnlyList<EdgePlan> Edges { get; }

    /// <summary>All operators, in the order of their tasks.</summary>
    public IReadOnlyList<OperatorNode> Operators { get; }

    public IReadOnlyList<SinkNode> Sinks { get; }

    /// <summary>Whether any source or sink is a log, in which the job's pointer is then kept.</summary>
    public bool HasLog => Operators.Any(node => node.IsLog);

    /// <summary>Whether any sink is transactional by its description.</summary>
    public bool HasTransactionalSink => Operators.Any(node => node.IsTransactional);

    /// <summary>Bytes of memory of the batches that its gates may fill, unless records are large.</summary>
    public long ChannelBytes => Edges.Sum(edge => edge.From.Parallelism * edge.BatchBytes * Settings.BatchesOf(edge.Kind == EdgeKind.Forward ? 1 : edge.To.Parallelism));

    /// <summary>Lets a job declare its graph, checks it, and makes its plan.</summary>
    /// <param name="job">The job.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="services">Makes users' operators; may be null.</param>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: the graph has faults; the message lists all of them.</exception>
    public static ExecutionPlan Of(IJob job, JobSettings settings, IServiceProvider? services)
    {
        var builder = new JobBuilder(settings, new CodecRegistry());
        job.Build(builder);
        return Of(builder.Graph, services);
    }

    /// <summary>Checks a graph and makes its plan.</summary>
    public static ExecutionPlan Of(JobGraph graph, IServiceProvider? services)
    {
        GraphCheck.Run(graph, services);
        var tasks = Chain(graph);
        var edges = Join(graph, tasks);
        foreach (var task in tasks)
        {
            // The switch of a transaction is the sink's alone: no other output of its task may show what the sink has not switched for.
            Invariant.Holds(!task.EndsInTransactionalSink || task.OutEdges.Count == 0);
            Invariant.Holds(task.StartsWithSource == (task.InEdges.Count == 0));
            Invariant.Holds(task.EndsInSink == (task.OutEdges.Count == 0));
        }
        return new ExecutionPlan(graph.Settings, graph.Codecs, tasks, edges);
    }

    /// <summary>The plan as text that a person reads: tasks, their operators, and the edges they send to.</summary>
    public string Describe() => PlanText.Of(this);

    /// <summary>The plan in one line: <c>in =key=> balances -> out (exactly-once)</c>.</summary>
    public string Summarize() => PlanText.InLine(this);

    public override string ToString() => Describe();

    private static List<TaskPlan> Chain(JobGraph graph)
    {
        var tasks = new List<TaskPlan>();
        foreach (var head in graph.Nodes.Where(node => node.Inputs is not [{ IsChained: true }]))
        {
            var nodes = new List<OperatorNode> { head };
            while (nodes[^1].MainOutputs is [{ IsChained: true } next])
            {
                nodes.Add(next.To);
            }
            tasks.Add(new TaskPlan(tasks.Count, nodes));
        }
        return tasks;
    }

    private static List<EdgePlan> Join(JobGraph graph, List<TaskPlan> tasks)
    {
        var taskOf = tasks.SelectMany(task => task.Nodes, (task, node) => (task, node)).ToDictionary(pair => pair.node, pair => pair.task);
        var edges = new List<EdgePlan>();
        foreach (var connection in tasks.SelectMany(task => task.Nodes).SelectMany(node => node.Outputs).Where(output => !output.IsChained))
        {
            var (from, to) = (taskOf[connection.From], taskOf[connection.To]);
            int number = from.OutEdges.Count(edge => edge.To == to && edge.Emitter == connection.From && edge.Tag == connection.Tag);
            var edge = connection.ToEdge(number, from, to);
            edges.Add(edge);
            from.AddOutEdge(edge);
            to.AddInEdge(edge);
        }
        return edges;
    }
}
