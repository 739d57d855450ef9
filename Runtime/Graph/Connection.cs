namespace Weir.Runtime.Graph;

/// <summary>One operator's output leads to another's input, as declared.</summary>
internal abstract class Connection(OperatorNode from, OperatorNode to, int input)
{
    public OperatorNode From { get; } = from;

    public OperatorNode To { get; } = to;

    /// <summary>Which input of the consumer it leads to.</summary>
    public int Input { get; } = input;

    /// <summary>How records get across. Where the parallelism differs, there is no subtask i for every i, so a forward connection deals them out.</summary>
    public EdgeKind Kind => DeclaredKind == EdgeKind.Forward && From.Parallelism != To.Parallelism ? EdgeKind.Rebalance : DeclaredKind;

    /// <summary>Whether both ends run in one task, joined by direct calls.</summary>
    public bool IsChained => Kind == EdgeKind.Forward && From.Outputs.Count == 1 && To.Inputs.Count == 1;

    protected abstract EdgeKind DeclaredKind { get; }

    /// <summary>Looks for what is missing to carry records.</summary>
    public abstract void Prepare(PlanCheck check);

    public abstract EdgePlan ToEdge(string id, TaskPlan from, TaskPlan to);
}

/// <summary>A connection that carries records of one type.</summary>
internal sealed class Connection<T>(StreamOutput<T> output, Partitioning<T> partitioning, OperatorNode to, int input) : Connection(output.Node, to, input)
{
    private Codec<T>? _codec;

    protected override EdgeKind DeclaredKind => partitioning.Kind;

    public override void Prepare(PlanCheck check)
    {
        partitioning.Prepare(To, check);
        if (IsChained)
        {
            return;
        }
        _codec = output.FindCodec(check.Codecs) ?? (To as SinkNode<T>)?.Records;
        if (_codec is null)
        {
            check.Report(
                $"Operator '{From.Id}' sends {TypeText.Of<T>()} to '{To.Id}', a type without a codec; " +
                "give it one with WithCodec(..), or add one to the job's Codecs.");
        }
    }

    public override EdgePlan ToEdge(string id, TaskPlan from, TaskPlan to) =>
        new EdgePlan<T>(id, from, to, Input, _codec!, Kind == partitioning.Kind ? partitioning : new RebalancePartitioning<T>());
}
