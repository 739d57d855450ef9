using Weir.Runtime.Graph;

namespace Weir;

/// <summary>The end of a stream: a sink that was declared.</summary>
public sealed class DataSink
{
    private readonly OperatorNode _node;

    internal DataSink(OperatorNode node) => _node = node;

    /// <summary>Says how many subtasks the sink has; by default as many as the job's settings say.</summary>
    public DataSink WithParallelism(int parallelism)
    {
        _node.GivenParallelism = parallelism;
        return this;
    }

    /// <summary>Names the sink's operator; by default it has the sink's name.</summary>
    /// <param name="id">Unique within the job: letters, digits, '.', '_' and '-'.</param>
    public DataSink WithId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        _node.GivenId = id;
        return this;
    }
}
