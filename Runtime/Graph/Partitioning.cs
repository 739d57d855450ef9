using Weir.Runtime.Partitioning;

namespace Weir.Runtime.Graph;

/// <summary>How a stream reaches its next operator, as declared.</summary>
internal abstract class Partitioning<T>
{
    public abstract EdgeKind Kind { get; }

    /// <summary>Makes the rule of one producing subtask.</summary>
    public abstract Partitioner<T> Create(string fromOperator, int fromSubtask, int channels, int maxParallelism, RecordContext context);

    /// <summary>Finds what it needs before the plan is made; says what is missing.</summary>
    public virtual void Prepare(OperatorNode consumer, PlanCheck check)
    {
    }

    /// <summary>Makes the key at hand for a sink at the end of a chain, where the edge has keys.</summary>
    public virtual Collector<T> WithKeyBefore(Collector<T> head, RecordContext context) => head;
}

internal sealed class ForwardPartitioning<T> : Partitioning<T>
{
    public override EdgeKind Kind => EdgeKind.Forward;

    public override Partitioner<T> Create(string fromOperator, int fromSubtask, int channels, int maxParallelism, RecordContext context) => new ForwardPartitioner<T>();
}

internal sealed class RebalancePartitioning<T> : Partitioning<T>
{
    public override EdgeKind Kind => EdgeKind.Rebalance;

    public override Partitioner<T> Create(string fromOperator, int fromSubtask, int channels, int maxParallelism, RecordContext context) =>
        new RebalancePartitioner<T>(fromSubtask, channels);
}

internal sealed class BroadcastPartitioning<T> : Partitioning<T>
{
    public override EdgeKind Kind => EdgeKind.Broadcast;

    public override Partitioner<T> Create(string fromOperator, int fromSubtask, int channels, int maxParallelism, RecordContext context) => new BroadcastPartitioner<T>();
}

internal sealed class CustomPartitioning<T>(PartitionChoice<T> choice) : Partitioning<T>
{
    public override EdgeKind Kind => EdgeKind.Custom;

    public override Partitioner<T> Create(string fromOperator, int fromSubtask, int channels, int maxParallelism, RecordContext context) =>
        new CustomPartitioner<T>(fromOperator, choice, channels);
}
