using System.Collections.Concurrent;
using Weir.StateStore;

namespace Weir;

/// <summary>Which codec a type has when a job names none: one registry for records, state and keys.</summary>
/// <remarks>Thread: any. Primitives, text, bytes and Guid are in the box; what is added for a type replaces what was there.</remarks>
public sealed class CodecRegistry
{
    private readonly ConcurrentDictionary<Type, object> _codecs = new();
    private readonly ConcurrentDictionary<Type, object> _keyCodecs = new();
    private readonly ConcurrentDictionary<(CodecId From, CodecId To), CodecUpgrade> _upgrades = new();

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

    /// <summary>Says how what an older version of the job stored becomes what this one reads: state and records in flight that <paramref name="old"/> wrote are turned when they are restored.</summary>
    /// <param name="old">What wrote them; its id is the one in the checkpoint.</param>
    /// <param name="current">What reads them now, or a later version that leads there by a further upgrade.</param>
    /// <param name="upgrade">Makes the new value of an old one.</param>
    /// <returns>This registry.</returns>
    /// <exception cref="ArgumentException">Both have one id, or values hold slices, which an upgrade has no bytes for.</exception>
    public CodecRegistry AddUpgrade<TOld, TNew>(Codec<TOld> old, Codec<TNew> current, Func<TOld, TNew> upgrade)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(upgrade);
        if (old.Id == current.Id)
        {
            throw new ArgumentException($"Both codecs are {old.Id}: raise the version of the one that writes other bytes now.", nameof(current));
        }
        if (old.HasSlices || current.HasSlices)
        {
            throw new ArgumentException($"Values of {(old.HasSlices ? old.Id : current.Id)} hold slices of a batch's bytes, which an upgrade does not get.", nameof(old));
        }
        _upgrades[(old.Id, current.Id)] = new CodecUpgrade<TOld, TNew>(old, current, upgrade);
        return this;
    }

    /// <summary>The shortest way from one codec to another, over as many upgrades as it takes; null where there is none, and from a codec to itself.</summary>
    internal CodecUpgrade? FindUpgrade(CodecId from, CodecId to)
    {
        var reached = new Dictionary<CodecId, CodecUpgrade?> { [from] = null };
        var next = new Queue<CodecId>([from]);
        while (next.TryDequeue(out var at))
        {
            foreach (var upgrade in _upgrades.Values.Where(upgrade => upgrade.From == at && !reached.ContainsKey(upgrade.To)).ToList())
            {
                reached.Add(upgrade.To, reached[at]?.Then(upgrade) ?? upgrade);
                next.Enqueue(upgrade.To);
            }
        }
        return reached.GetValueOrDefault(to);
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
