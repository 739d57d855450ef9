namespace Weir;

/// <summary>Turns keys of one type into bytes that identify them, and into a hash that is equal in every process and release.</summary>
/// <typeparam name="TKey">The key's type.</typeparam>
/// <remarks>Thread: may be called by several at once. Equal keys give equal bytes, and different keys different ones: state compares bytes only.</remarks>
public abstract class KeyCodec<TKey>
{
    /// <summary>Name and version of the bytes and of the hash.</summary>
    public abstract CodecId Id { get; }

    /// <summary>Bytes of every key, or 0 where they differ in length.</summary>
    public abstract int FixedLength { get; }

    /// <summary>The stable hash of a key (never <see cref="object.GetHashCode"/>).</summary>
    public abstract uint Hash(in TKey key);

    /// <summary>Appends the key's bytes.</summary>
    public abstract void Encode(in TKey key, ByteArena output);

    /// <summary>Reads a key back.</summary>
    public abstract TKey Decode(ReadOnlySpan<byte> encoded);
}
