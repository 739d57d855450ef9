namespace Weir.Runtime.Partitioning;

/// <summary>Subtask i hands everything to subtask i: there is one channel.</summary>
internal sealed class ForwardPartitioner<T> : Partitioner<T>
{
    public override int Select(in T record) => 0;
}
