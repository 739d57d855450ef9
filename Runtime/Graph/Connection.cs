namespace Weir.Runtime.Graph;

/// <summary>One operator's output leads to another's input, as declared.</summary>
internal abstract class Connection(OperatorNode from, OutputTag? tag, OperatorNode to, int input)
{
    public OperatorNode From { get; } = from;

    /// <summary>Which side output it leads on from; null for the main one.</summary>
    public OutputTag? Tag { get; } = tag;

    public OperatorNode To { get; } = to;

    /// <summary>Which input of the consumer it leads to.</summary>
    public int Input { get; } = input;

    /// <summary>How records get across. Where the parallelism differs, there is no subtask i for every i, so a forward connection deals them out.</summary>
    public EdgeKind Kind => DeclaredKind == EdgeKind.Forward && From.Parallelism != To.Parallelism ? EdgeKind.Rebalance : DeclaredKind;

    /// <summary>Whether both ends run in one task, joined by direct calls.</summary>
    /// <remarks>A sink switches its transaction by itself, so no other way out of its task may show what it has not switched for.</remarks>
    public bool IsChained => Tag is null && Kind == EdgeKind.Forward && From.MainOutputs.Count == 1 && To.Inputs.Count == 1 && !(To.IsSink && From.LeadsAside);

    protected abstract EdgeKind DeclaredKind { get; }

    /// <summary>Looks for what is missing to carry records.</summary>
    public abstract void Prepare(PlanCheck check);

    public abstract EdgePlan ToEdge(int number, TaskPlan from, TaskPlan to);
}

/// <summary>A connection that carries records of one type.</summary>
internal sealed class Connection<T>(StreamOutput<T> output, Partitioning<T> partitioning, OperatorNode to, int input) : Connection(output.Node, output.Tag, to, input)
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

    public override EdgePlan ToEdge(int number, TaskPlan from, TaskPlan to) =>
        new EdgePlan<T>(this, number, from, to, _codec!, Kind == partitioning.Kind ? partitioning : new RebalancePartitioning<T>());
}
