using System.Globalization;
using System.Text;

namespace Weir.Runtime.Graph;

/// <summary>A plan as text: the same plan gives the same text.</summary>
internal static class PlanText
{
    public static string Of(ExecutionPlan plan)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"job {plan.Settings.Name}: {Counted(plan.Tasks.Count, "task")}, max parallelism {plan.Settings.MaxParallelism}\n");
        foreach (var task in plan.Tasks)
        {
            text.Append(CultureInfo.InvariantCulture, $"task {task.Index}, parallelism {task.Parallelism}: {task.Name}\n");
            foreach (var node in task.Nodes)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {node.Id}: {Of(node)}\n");
            }
            foreach (var edge in task.OutEdges)
            {
                text.Append(CultureInfo.InvariantCulture, $"  => task {edge.To.Index} by {Of(edge.Kind)}, as {edge.CodecId} ({edge.Id}){Lateness(edge)}\n");
            }
        }
        return text.ToString();
    }

    /// <summary>Tasks and the edges between them; where the flow is no single line, an edge each.</summary>
    public static string InLine(ExecutionPlan plan)
    {
        var text = new StringBuilder();
        TaskPlan? last = null;
        foreach (var edge in plan.Tasks.SelectMany(task => task.OutEdges))
        {
            if (edge.From != last)
            {
                text.Append(last is null ? "" : "; ").Append(NameInLine(edge.From));
            }
            text.Append(CultureInfo.InvariantCulture, $" ={Of(edge)}=> {NameInLine(edge.To)}");
            last = edge.To;
        }
        return last is null ? string.Join("; ", plan.Tasks.Select(NameInLine)) : text.ToString();
    }

    private static string NameInLine(TaskPlan task) => task.EndsInSink ? $"{task.Name} ({Guarantee(task.Tail)})" : task.Name;

    private static string Guarantee(OperatorNode sink) => sink.IsTransactional ? "exactly-once" : "at least once";

    private static string Of(OperatorNode node)
    {
        string what = node.Name == node.Kind || node.Name == node.Id ? node.Kind : $"{node.Kind} {node.Name}";
        if (node.IsSink)
        {
            what += $", {Guarantee(node)}";
        }
        string[] states =
        [
            .. node.States.Select(state => $"{state.Name} as {state.ValueCodec}"),
            .. node.OperatorStates.Select(state => $"{state.Name} ({state.Kind}) as {state.ValueCodec}"),
        ];
        return states.Length == 0 ? what : $"{what}, state {string.Join(", ", states)}";
    }

    private static string Of(EdgePlan edge) => edge.Tag is { } tag ? $"{tag.Name}, {Of(edge.Kind)}" : Of(edge.Kind);

    private static string Of(EdgeKind kind) => kind switch
    {
        EdgeKind.Forward => "number",
        EdgeKind.Rebalance => "turns",
        EdgeKind.Hash => "key",
        EdgeKind.Custom => "rule",
        EdgeKind.Broadcast => "all",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Where a checkpoint takes as long as what is queued: barriers do not overtake there.</summary>
    private static string Lateness(EdgePlan edge) => edge.StaysAligned ? ", aligned" : edge.IsAwaited ? ", late" : "";

    private static string Counted(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
