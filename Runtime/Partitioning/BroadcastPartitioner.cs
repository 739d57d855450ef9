namespace Weir.Runtime.Partitioning;

/// <summary>Sends every record to all subtasks.</summary>
internal sealed class BroadcastPartitioner<T> : Partitioner<T>
{
    public override int Select(in T record) => All;
}
