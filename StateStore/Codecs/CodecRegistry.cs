using System.Collections.Concurrent;

namespace Weir;

/// <summary>Which codec a type has when a job names none: one registry for records, state and keys.</summary>
/// <remarks>Thread: any. Primitives, text, bytes and Guid are in the box; what is added for a type replaces what was there.</remarks>
public sealed class CodecRegistry
{
    private readonly ConcurrentDictionary<Type, object> _codecs = new();
    private readonly ConcurrentDictionary<Type, object> _keyCodecs = new();

    /// <summary>Makes a registry with what comes with Weir.</summary>
    public CodecRegistry()
    {
        Add(Codec.Int32).Add(Codec.Int64).Add(Codec.Double).Add(Codec.Boolean).Add(Codec.Guid).Add(Codec.Utf8).Add(Codec.Bytes);
        AddKey(KeyCodec.Byte).AddKey(KeyCodec.SByte).AddKey(KeyCodec.Int16).AddKey(KeyCodec.UInt16).AddKey(KeyCodec.Int32).AddKey(KeyCodec.UInt32);
        AddKey(KeyCodec.Int64).AddKey(KeyCodec.UInt64).AddKey(KeyCodec.Guid).AddKey(KeyCodec.Utf8).AddKey(KeyCodec.Bytes);
    }

    /// <summary>Registers the codec of a type of records or state.</summary>
    /// <returns>This registry.</returns>
    public CodecRegistry Add<T>(Codec<T> codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        _codecs[typeof(T)] = codec;
        return this;
    }

    /// <summary>Registers the codec of a type of keys.</summary>
    /// <returns>This registry.</returns>
    public CodecRegistry AddKey<TKey>(KeyCodec<TKey> codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        _keyCodecs[typeof(TKey)] = codec;
        return this;
    }

    /// <summary>The codec of a type.</summary>
    /// <exception cref="ArgumentException">None is registered.</exception>
    public Codec<T> Of<T>() => Find<T>() ?? throw new ArgumentException(
        $"No codec is registered for {typeof(T)}; register one, "
        + $"e.g. codecs.Add(Codec.Json(MyJsonContext.Default.{typeof(T).Name})) or codecs.Add(Codec.Fixed<{typeof(T).Name}>(id)).");

    /// <summary>The key codec of a type.</summary>
    /// <exception cref="ArgumentException">None is registered.</exception>
    public KeyCodec<TKey> KeyOf<TKey>() => FindKey<TKey>() ?? throw new ArgumentException(
        $"No key codec is registered for {typeof(TKey)}; register one, e.g. codecs.AddKey(KeyCodec.Record(id, field, codec, ..)), or key by an integer, Guid, string or byte[].");

    /// <summary>The codec of a type, or null.</summary>
    public Codec<T>? Find<T>() => _codecs.TryGetValue(typeof(T), out object? codec) ? (Codec<T>)codec : null;

    /// <summary>The key codec of a type, or null.</summary>
    public KeyCodec<TKey>? FindKey<TKey>() => _keyCodecs.TryGetValue(typeof(TKey), out object? codec) ? (KeyCodec<TKey>)codec : null;
}
