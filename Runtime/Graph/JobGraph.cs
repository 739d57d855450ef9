namespace Weir.Runtime.Graph;

/// <summary>The operators and connections of a job as declared, producers before their consumers, and what is wrong with them so far.</summary>
internal sealed class JobGraph(JobSettings settings, CodecRegistry codecs)
{
    private readonly List<OperatorNode> _nodes = [];
    private readonly List<Connection> _connections = [];

    public JobSettings Settings { get; } = settings;

    public CodecRegistry Codecs { get; } = codecs;

    public IReadOnlyList<OperatorNode> Nodes => _nodes;

    public IReadOnlyList<Connection> Connections => _connections;

    /// <summary>Faults that were met while the job declared its graph.</summary>
    public List<string> Errors { get; } = [];

    public void Add(OperatorNode node) => _nodes.Add(node);

    public void Connect<T>(StreamOutput<T> output, Partitioning<T> partitioning, OperatorNode to, int input)
    {
        var connection = new Connection<T>(output, partitioning, to, input);
        _connections.Add(connection);
        output.Node.Outputs.Add(connection);
        to.Inputs.Add(connection);
    }
}
