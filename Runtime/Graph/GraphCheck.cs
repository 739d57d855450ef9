using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>Gives the operators of a graph their ids and parallelism, and finds everything that is wrong with it.</summary>
internal static class GraphCheck
{
    /// <exception cref="JobException">The graph has faults; the message lists all of them.</exception>
    public static void Run(JobGraph graph, IServiceProvider? services)
    {
        var errors = new List<string>(graph.Errors);
        var check = new PlanCheck(graph.Settings, graph.Codecs, services, errors);
        CheckSettings(check);
        SettleOperators(graph, check);
        CheckShape(graph, check);
        foreach (var connection in graph.Connections)
        {
            connection.Prepare(check);
        }
        foreach (var node in graph.Nodes)
        {
            node.Prepare(check);
        }
        if (errors.Count > 0)
        {
            throw Refusal(graph.Settings.Name, errors);
        }
    }

    private static void CheckSettings(PlanCheck check)
    {
        if (check.Settings.MaxParallelism is < 2 or > KeyGroups.MaxParallelismMax)
        {
            check.Report($"MaxParallelism is {check.Settings.MaxParallelism}; it is a number from 2 to {KeyGroups.MaxParallelismMax}.");
        }
    }

    private static void SettleOperators(JobGraph graph, PlanCheck check)
    {
        var taken = new Dictionary<string, OperatorNode>(StringComparer.Ordinal);
        var unnamed = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            string id = node.GivenId ?? node.DefaultId ?? NextOfKind(unnamed, node.Kind);
            int parallelism = node.GivenParallelism ?? check.Settings.Parallelism;
            node.Settle(id, parallelism);
            if (!OperatorId.IsWellFormed(id))
            {
                check.Report($"'{id}' is no operator id: it has {OperatorId.Form}.");
            }
            else if (!taken.TryAdd(id, node))
            {
                check.Report($"Two operators have the id '{id}': a {taken[id].Kind} and a {node.Kind}; give one of them another with WithId(..).");
            }
            if (parallelism < 1 || parallelism > check.Settings.MaxParallelism)
            {
                check.Report($"Operator '{id}' has parallelism {parallelism}; it is a number from 1 to MaxParallelism, {check.Settings.MaxParallelism}.");
            }
        }
    }

    private static void CheckShape(JobGraph graph, PlanCheck check)
    {
        if (!graph.Nodes.Any(node => node.IsSource))
        {
            check.Report("The job has no source; begin a stream with From(..).");
        }
        foreach (var node in graph.Nodes.Where(node => !node.IsSink && node.MainOutputs.Count == 0))
        {
            check.Report($"What operator '{node.Id}' emits goes nowhere; end the stream with To(..).");
        }
        foreach (var (node, tag) in graph.Nodes.SelectMany(node => node.SideOutputs, (node, tag) => (node, tag)).Where(side => side.node.Outputs.TrueForAll(output => output.Tag != side.tag)))
        {
            check.Report($"What operator '{node.Id}' emits to side output '{tag.Name}' goes nowhere; end the stream with To(..).");
        }
    }

    private static string NextOfKind(Dictionary<string, int> unnamed, string kind)
    {
        int number = unnamed[kind] = unnamed.GetValueOrDefault(kind) + 1;
        return $"{kind}-{number}";
    }

    private static JobException Refusal(string job, List<string> errors) => new(
        JobFailure.Configuration,
        errors.Count == 1
            ? $"Job '{job}' can't be built. {errors[0]}"
            : $"Job '{job}' can't be built, for {errors.Count} reasons.{string.Concat(errors.Select(error => $"\n- {error}"))}");
}
