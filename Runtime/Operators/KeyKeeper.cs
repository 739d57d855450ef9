namespace Weir.Runtime.Operators;

/// <summary>Stands before a chain that begins behind a <c>KeyBy</c> without keyed state, and ends in a sink: keeps the key for the sink.</summary>
internal sealed class KeyKeeper<TKey, T> : Collector<T>
{
    private readonly RecordFunc<T, TKey> _keyOf;
    private readonly KeyInHand<TKey> _key;
    private readonly Collector<T> _output;

    public KeyKeeper(RecordFunc<T, TKey> keyOf, KeyCodec<TKey> codec, RecordContext context, Collector<T> output)
    {
        _keyOf = keyOf;
        _key = new KeyInHand<TKey>(codec);
        _output = output;
        context.KeyInHand = _key;
    }

    public override void Emit(in T record)
    {
        _key.Value = _keyOf(in record);
        _output.Emit(in record);
    }
}
