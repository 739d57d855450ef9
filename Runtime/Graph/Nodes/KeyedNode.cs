using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>Makes the user's operator of one subtask.</summary>
internal delegate KeyedProcess<TKey, TIn, TOut> MakeProcess<TKey, TIn, TOut>(IServiceProvider? services, KeyedState state);

/// <summary>An operator with state for each key.</summary>
internal sealed class KeyedNode<TKey, TIn, TOut> : OperatorNode
{
    private readonly KeyPartitioning<TKey, TIn> _keys;
    private readonly MakeProcess<TKey, TIn, TOut> _make;
    private IReadOnlyList<StateDeclaration> _states = [];

    public KeyedNode(KeyPartitioning<TKey, TIn> keys, MakeProcess<TKey, TIn, TOut> make)
        : base("process")
    {
        _keys = keys;
        _make = make;
        Output = new StreamOutput<TOut>(this);
    }

    public StreamOutput<TOut> Output { get; }

    public override bool HasKeyedState => true;

    public override CodecId? KeyCodecId => _keys.Codec.Id;

    public override IReadOnlyList<StateDeclaration> States => _states;

    /// <summary>Makes the user's operator once, only to learn which states it declares.</summary>
    public override void Prepare(PlanCheck check)
    {
        if (check.Codecs.FindKey<TKey>() is null)
        {
            return; // Reported with the edge.
        }
        var state = KeyedState.Declaring(check.Codecs);
        try
        {
            (_make(check.Services, state) as IDisposable)?.Dispose();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            check.Report($"Operator '{Id}' can't be made: {e.Message}");
            return;
        }
        _states = state.Declarations;
    }

    public override KeyedState OpenState(CodecRegistry codecs, KeyGroups groups, KeyGroupRange range) =>
        new(codecs, _keys.Codec.Id, _keys.Codec.FixedLength, groups, range);

    public override object Build(SubtaskContext context, object? output, KeyedState? state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new KeyedProcessOperator<TKey, TIn, TOut>(Id, _keys.Key, _keys.Codec, _make(context.Services, state), state, context.Record, (Collector<TOut>)output!);
    }

    public override TaskHead CreateTaskHead() => new GateHead<TIn>();
}
