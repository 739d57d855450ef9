using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;

namespace Weir.Runtime.Graph;

/// <summary>A sink, whatever it takes: one is opened for each attempt, and has a writer in each subtask.</summary>
internal abstract class SinkNode(string name) : OperatorNode("sink", name)
{
    public override bool IsSink => true;

    /// <summary>Opens it for one attempt; the caller disposes it, and hands it to the subtasks in <see cref="SubtaskContext.Sinks"/>.</summary>
    public abstract OpenedSink Open(IConnectors connectors);
}

/// <summary>A sink that takes records of one type.</summary>
internal sealed class SinkNode<T>(SinkDescription<T> description) : SinkNode(description.Name)
{
    public SinkDescription<T> Description => description;

    /// <summary>How records are stored, where the sink knows it.</summary>
    public Codec<T>? Records => (description as LogSink<T>)?.Messages.Records;

    public override bool IsLog => description is LogSink<T>;

    public override bool IsTransactional => description.IsTransactional;

    public override OpenedSink Open(IConnectors connectors) => new OpenedSink<T>(description.Open(connectors));

    public override object Build(SubtaskContext context, in OperatorOutputs outputs, KeyedState? state) =>
        new SinkOperator<T>(Id, ((OpenedSink<T>)context.Sinks[Id]).Sink, context);

    public override TaskHead CreateTaskHead() => new GateHead<T>();
}
