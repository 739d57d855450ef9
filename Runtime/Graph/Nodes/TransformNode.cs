using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;

namespace Weir.Runtime.Graph;

/// <summary>Makes the operator of one subtask.</summary>
internal delegate Collector<TIn> MakeOperator<TIn, TOut>(string id, SubtaskContext context, Collector<TOut> output);

/// <summary>An operator without state.</summary>
internal sealed class TransformNode<TIn, TOut> : OperatorNode
{
    private readonly MakeOperator<TIn, TOut> _make;

    public TransformNode(string kind, MakeOperator<TIn, TOut> make)
        : base(kind)
    {
        _make = make;
        Output = new StreamOutput<TOut>(this);
    }

    public StreamOutput<TOut> Output { get; }

    public override object Build(SubtaskContext context, in OperatorOutputs outputs, KeyedState? state) => _make(Id, context, (Collector<TOut>)outputs.Main!);

    public override TaskHead CreateTaskHead() => new GateHead<TIn>();
}
