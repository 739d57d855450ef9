using Weir.Runtime.Operators;
using Weir.Runtime.Partitioning;
using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>A <c>KeyBy</c>: how keys are read, and, once the plan is made, how they are hashed and stored.</summary>
internal sealed class KeyPartitioning<TKey, T>(RecordFunc<T, TKey> key) : Partitioning<T>
{
    private KeyCodec<TKey>? _codec;

    public override EdgeKind Kind => EdgeKind.Hash;

    public RecordFunc<T, TKey> Key => key;

    /// <summary>Known once the plan is made.</summary>
    public KeyCodec<TKey> Codec => _codec ?? throw new InvalidOperationException("The key codec is known only to a plan without errors.");

    public override void Prepare(OperatorNode consumer, PlanCheck check)
    {
        _codec = check.Codecs.FindKey<TKey>();
        if (_codec is null)
        {
            check.Report(
                $"Operator '{consumer.Id}' is keyed by {TypeText.Of<TKey>()}, which has no key codec; " +
                "key by an integer, Guid, string or byte[], or add one to the job's Codecs with AddKey(..).");
        }
    }

    public override Partitioner<T> Create(string fromOperator, int fromSubtask, int channels, int maxParallelism, RecordContext context) =>
        new KeyHashPartitioner<TKey, T>(key, Codec, channels, maxParallelism, context);

    public override Collector<T> WithKeyBefore(Collector<T> head, RecordContext context) => new KeyKeeper<TKey, T>(key, Codec, context, head);
}
