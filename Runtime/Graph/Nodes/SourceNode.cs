using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;

namespace Weir.Runtime.Graph;

/// <summary>A source: always the first operator of its task.</summary>
internal sealed class SourceNode<T> : OperatorNode
{
    public SourceNode(SourceDescription<T> description)
        : base("source", description.Name)
    {
        Description = description;
        Output = new StreamOutput<T>(this) { Codec = description.Records };
    }

    public SourceDescription<T> Description { get; }

    public StreamOutput<T> Output { get; }

    public override bool IsSource => true;

    public override bool HasSideOutputs => true;

    public override bool IsLog => Description is LogSource<T>;

    /// <summary>Opens it for one attempt; the caller disposes it.</summary>
    public ISource<T> Open(IConnectors connectors) => Description.Open(connectors);

    public override object Build(SubtaskContext context, in OperatorOutputs outputs, KeyedState? state) => new SourceOutput<T>(context.Record, (Collector<T>)outputs.Main!, outputs.Side);

    public override TaskHead CreateTaskHead() => new SourceHead<T>(this);
}
