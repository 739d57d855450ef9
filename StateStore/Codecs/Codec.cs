namespace Weir;

/// <summary>Turns values of one type into bytes and back: for records in flight, for state, and for messages.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <remarks>
/// Thread: may be called by several at once, so it holds no buffers. What it wrote once it must read for ever, or raise its version.
/// A type may hold <see cref="Slice"/>s: places in bytes that travel beside the value. Its codec then says so, and says how it moves.
/// </remarks>
public abstract class Codec<T>
{
    /// <summary>Name and version of the bytes.</summary>
    public abstract CodecId Id { get; }

    /// <summary>Whether values hold slices, so that <see cref="Move"/> must be called when a value changes batches.</summary>
    public virtual bool HasSlices => false;

    /// <summary>Whether the bytes are the value's own memory, so that state may keep the value itself instead of calling the codec.</summary>
    internal virtual bool IsMemoryCopy => false;

    /// <summary>Appends a value's bytes.</summary>
    /// <param name="value">The value.</param>
    /// <param name="bytes">What its slices refer to; empty for types without slices.</param>
    /// <param name="output">Where the bytes go.</param>
    public abstract void Encode(in T value, ReadOnlySpan<byte> bytes, ByteArena output);

    /// <summary>Reads a value back.</summary>
    /// <param name="encoded">Exactly the bytes that one <see cref="Encode"/> wrote.</param>
    /// <returns>The value; its slices refer to <paramref name="encoded"/>.</returns>
    /// <exception cref="CodecException">The bytes are not what this codec writes.</exception>
    public abstract T Decode(ReadOnlySpan<byte> encoded);

    /// <summary>Copies what the slices of a value refer to into another arena, and points them there.</summary>
    /// <param name="value">The value, already in its new place.</param>
    /// <param name="from">What its slices refer to now.</param>
    /// <param name="target">What they refer to afterwards.</param>
    public virtual void Move(ref T value, ReadOnlySpan<byte> from, ByteArena target)
    {
    }
}
