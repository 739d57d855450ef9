namespace Weir.Runtime.Operators;

/// <summary>The key of the record in hand, as bytes for who asks: a sink, or state whose keys are not numbers.</summary>
internal abstract class KeyInHand
{
    /// <summary>Valid until the next record.</summary>
    public abstract ReadOnlySpan<byte> Bytes { get; }
}

/// <summary>A key of one type; its bytes are made when they are first asked for.</summary>
internal sealed class KeyInHand<TKey>(KeyCodec<TKey> codec) : KeyInHand
{
    private readonly ByteArena _bytes = new(64);
    private TKey _value = default!;
    private bool _isEncoded;

    public TKey Value
    {
        get => _value;
        set
        {
            _value = value;
            _isEncoded = false;
        }
    }

    public override ReadOnlySpan<byte> Bytes
    {
        get
        {
            if (!_isEncoded)
            {
                _bytes.Clear();
                codec.Encode(in _value, _bytes);
                _isEncoded = true;
            }
            return _bytes.Written;
        }
    }
}
