using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>An operator with state for each key, apart from how many inputs it has.</summary>
/// <typeparam name="TProcess">The user's operator.</typeparam>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TIn">What its first input takes, which is keyed.</typeparam>
/// <typeparam name="TOut">What it emits.</typeparam>
internal abstract class KeyedNode<TProcess, TKey, TIn, TOut> : ProcessNode<TProcess>
{
    protected KeyedNode(KeyPartitioning<TKey, TIn> keys, MakeProcess<TProcess> make)
        : base(make)
    {
        Keys = keys;
        Output = new StreamOutput<TOut>(this);
    }

    public StreamOutput<TOut> Output { get; }

    public override bool HasKeyedState => true;

    public override CodecId? KeyCodecId => Keys.Codec.Id;

    protected KeyPartitioning<TKey, TIn> Keys { get; }

    public override KeyedState OpenState(CodecRegistry codecs, KeyGroups groups, KeyGroupRange range, StateBudget budget) =>
        new(codecs, Keys.Codec.Id, Keys.Codec.FixedLength, groups, range, budget);

    protected override bool KnowsKeys(CodecRegistry codecs) => codecs.FindKey<TKey>() is not null;

    /// <summary>The key of the record in hand, for the operator, and for a sink behind it.</summary>
    protected KeyInHand<TKey> HoldKey(SubtaskContext context)
    {
        var key = new KeyInHand<TKey>(Keys.Codec);
        context.Record.KeyInHand = key;
        return key;
    }
}

/// <summary>An operator with state for each key.</summary>
internal sealed class KeyedProcessNode<TKey, TIn, TOut>(KeyPartitioning<TKey, TIn> keys, MakeProcess<KeyedProcess<TKey, TIn, TOut>> make)
    : KeyedNode<KeyedProcess<TKey, TIn, TOut>, TKey, TIn, TOut>(keys, make)
{
    public override TaskHead CreateTaskHead() => new GateHead<TIn>();

    protected override IOperator Build(KeyedProcess<TKey, TIn, TOut> process, ProcessParts parts, SubtaskContext context, in OperatorOutputs outputs)
    {
        var key = HoldKey(context);
        var way = new KeyedContext<TKey, TOut>(key, context.Record, (Collector<TOut>)outputs.Main!, outputs.Side);
        return new KeyedProcessOperator<TKey, TIn, TOut>(Id, new KeySetter<TKey, TIn>(Keys.Key, Keys.Codec, parts.Keyed!, context.Record, key), process, parts, way);
    }
}

/// <summary>An operator with two inputs that are keyed alike, and state for each key.</summary>
internal sealed class KeyedCoProcessNode<TKey, TFirst, TSecond, TOut>(
    KeyPartitioning<TKey, TFirst> first, KeyPartitioning<TKey, TSecond> second, MakeProcess<KeyedCoProcess<TKey, TFirst, TSecond, TOut>> make)
    : KeyedNode<KeyedCoProcess<TKey, TFirst, TSecond, TOut>, TKey, TFirst, TOut>(first, make)
{
    public override TaskHead CreateTaskHead() => new TwoGateHead<TFirst, TSecond>();

    protected override IOperator Build(KeyedCoProcess<TKey, TFirst, TSecond, TOut> process, ProcessParts parts, SubtaskContext context, in OperatorOutputs outputs)
    {
        var key = HoldKey(context);
        var way = new KeyedContext<TKey, TOut>(key, context.Record, (Collector<TOut>)outputs.Main!, outputs.Side);
        return new TwoInputOperator<TFirst, TSecond>(
            Id,
            new KeyedInputCollector<TKey, TFirst, TOut>(new KeySetter<TKey, TFirst>(Keys.Key, Keys.Codec, parts.Keyed!, context.Record, key), process.ProcessFirst, way),
            new KeyedInputCollector<TKey, TSecond, TOut>(new KeySetter<TKey, TSecond>(second.Key, second.Codec, parts.Keyed!, context.Record, key), process.ProcessSecond, way),
            parts,
            process,
            way);
    }
}

/// <summary>An operator with state for each key of its first input, and a second one without keys.</summary>
internal sealed class KeyedBroadcastProcessNode<TKey, TIn, TBroadcast, TOut>(KeyPartitioning<TKey, TIn> keys, MakeProcess<KeyedBroadcastProcess<TKey, TIn, TBroadcast, TOut>> make)
    : KeyedNode<KeyedBroadcastProcess<TKey, TIn, TBroadcast, TOut>, TKey, TIn, TOut>(keys, make)
{
    public override TaskHead CreateTaskHead() => new TwoGateHead<TIn, TBroadcast>();

    protected override IOperator Build(KeyedBroadcastProcess<TKey, TIn, TBroadcast, TOut> process, ProcessParts parts, SubtaskContext context, in OperatorOutputs outputs)
    {
        var key = HoldKey(context);
        var collector = (Collector<TOut>)outputs.Main!;
        var way = new KeyedContext<TKey, TOut>(key, context.Record, collector, outputs.Side);
        var keylessWay = new ProcessContext<TOut>(context.Record, collector, outputs.Side);
        return new TwoInputOperator<TIn, TBroadcast>(
            Id,
            new KeyedInputCollector<TKey, TIn, TOut>(new KeySetter<TKey, TIn>(Keys.Key, Keys.Codec, parts.Keyed!, context.Record, key), process.Process, way),
            new KeylessInputCollector<TBroadcast, TOut>(process.ProcessBroadcast, parts.Keyed!, context.Record, keylessWay),
            parts,
            process,
            way,
            keylessWay);
    }
}
