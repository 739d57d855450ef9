using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>An operator of the user's: made once more when the job is built, only to learn which states it declares.</summary>
/// <typeparam name="TProcess">The user's operator.</typeparam>
internal abstract class ProcessNode<TProcess>(MakeProcess<TProcess> make) : OperatorNode("process")
{
    private IReadOnlyList<StateDeclaration> _states = [];
    private IReadOnlyList<OperatorStateDeclaration> _operatorStates = [];

    public override IReadOnlyList<StateDeclaration> States => _states;

    public override IReadOnlyList<OperatorStateDeclaration> OperatorStates => _operatorStates;

    public override bool HasSideOutputs => true;

    /// <summary>Whether the types of its keys are known; what is missing is reported with the edge.</summary>
    protected virtual bool KnowsKeys(CodecRegistry codecs) => true;

    public override void Prepare(PlanCheck check)
    {
        if (!KnowsKeys(check.Codecs))
        {
            return;
        }
        var parts = new ProcessParts(check.Services, HasKeyedState ? KeyedState.Declaring(check.Codecs) : null, new OperatorState(check.Codecs), new SubtaskInfo(Id, 0, 1));
        try
        {
            (make(parts) as IDisposable)?.Dispose();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            check.Report($"Operator '{Id}' can't be made: {e.Message}");
            return;
        }
        _states = parts.Keyed?.Declarations ?? [];
        _operatorStates = parts.Operator.Declarations;
    }

    public override object Build(SubtaskContext context, in OperatorOutputs outputs, KeyedState? state)
    {
        var parts = new ProcessParts(context.Services, state, new OperatorState(context.Codecs), new SubtaskInfo(Id, context.Subtask, context.Parallelism));
        return Build(make(parts), parts, context, in outputs);
    }

    /// <summary>Makes what hands records to the user's operator.</summary>
    protected abstract IOperator Build(TProcess process, ProcessParts parts, SubtaskContext context, in OperatorOutputs outputs);
}

/// <summary>An operator of the user's without keys.</summary>
internal sealed class ProcessNode<TIn, TOut> : ProcessNode<StreamProcess<TIn, TOut>>
{
    public ProcessNode(MakeProcess<StreamProcess<TIn, TOut>> make)
        : base(make) => Output = new StreamOutput<TOut>(this);

    public StreamOutput<TOut> Output { get; }

    public override TaskHead CreateTaskHead() => new GateHead<TIn>();

    protected override IOperator Build(StreamProcess<TIn, TOut> process, ProcessParts parts, SubtaskContext context, in OperatorOutputs outputs) =>
        new ProcessOperator<TIn, TOut>(Id, process, parts.Operator, new ProcessContext<TOut>(context.Record, (Collector<TOut>)outputs.Main!, outputs.Side));
}

/// <summary>An operator of the user's with two inputs, without keys.</summary>
internal sealed class CoProcessNode<TFirst, TSecond, TOut> : ProcessNode<CoProcess<TFirst, TSecond, TOut>>
{
    public CoProcessNode(MakeProcess<CoProcess<TFirst, TSecond, TOut>> make)
        : base(make) => Output = new StreamOutput<TOut>(this);

    public StreamOutput<TOut> Output { get; }

    public override TaskHead CreateTaskHead() => new TwoGateHead<TFirst, TSecond>();

    protected override IOperator Build(CoProcess<TFirst, TSecond, TOut> process, ProcessParts parts, SubtaskContext context, in OperatorOutputs outputs)
    {
        var way = new ProcessContext<TOut>(context.Record, (Collector<TOut>)outputs.Main!, outputs.Side);
        return new TwoInputOperator<TFirst, TSecond>(
            Id, new InputCollector<TFirst, TOut>(process.ProcessFirst, way), new InputCollector<TSecond, TOut>(process.ProcessSecond, way), parts, process, way);
    }
}
