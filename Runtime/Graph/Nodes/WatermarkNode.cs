using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>Makes watermarks of a stream's records.</summary>
internal sealed class WatermarkNode<T> : OperatorNode
{
    private readonly RecordFunc<T, long> _timeOf;
    private readonly WatermarkBounds _bounds;
    private IReadOnlyList<OperatorStateDeclaration> _states = [];

    public WatermarkNode(RecordFunc<T, long> timeOf, WatermarkBounds bounds)
        : base("watermarks")
    {
        _timeOf = timeOf;
        _bounds = bounds;
        Output = new StreamOutput<T>(this);
    }

    public StreamOutput<T> Output { get; }

    public override IReadOnlyList<OperatorStateDeclaration> OperatorStates => _states;

    public override void Prepare(PlanCheck check)
    {
        var state = new OperatorState(check.Codecs);
        _ = WatermarkOperator<T>.Declare(state);
        _states = state.Declarations;
    }

    public override object Build(SubtaskContext context, in OperatorOutputs outputs, KeyedState? state) => new WatermarkOperator<T>(Id, _timeOf, _bounds, context, (Collector<T>)outputs.Main!);

    public override TaskHead CreateTaskHead() => new GateHead<T>();
}
