using System.Diagnostics;

namespace Weir.Runtime.Partitioning;

/// <summary>Deals records out in turn.</summary>
internal sealed class RebalancePartitioner<T> : Partitioner<T>
{
    private readonly int _channels;
    private int _next;

    /// <param name="fromSubtask">Begins at its own number, so that many producers do not all begin with the same consumer.</param>
    /// <param name="channels">How many there are.</param>
    public RebalancePartitioner(int fromSubtask, int channels)
    {
        Debug.Assert(channels > 0, "an edge without channels");
        _channels = channels;
        _next = fromSubtask % channels;
    }

    public override int Select(in T record)
    {
        int selected = _next;
        int next = selected + 1;
        _next = next == _channels ? 0 : next;
        return selected;
    }
}
