namespace Weir.Runtime.Operators;

/// <summary>Gathers the records of each key in one value, and emits what is made of it after each record.</summary>
internal sealed class AggregateProcess<TKey, TIn, TState, TOut>(
    KeyedState state, TState initial, AccumulateFunc<TState, TIn> add, Func<TKey, TState, TOut> result) : KeyedProcess<TKey, TIn, TOut>
{
    private readonly ValueState<TState> _accumulated = state.Value("accumulated", initial);

    public override void Process(in TIn record, KeyedContext<TKey, TOut> context)
    {
        var accumulated = add(_accumulated.Value, in record);
        _accumulated.Value = accumulated;
        context.Emit(result(context.Key, accumulated));
    }
}
