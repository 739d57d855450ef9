using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Weir.StateStore;

namespace Weir;

/// <summary>What is the same in all subtasks of an operator, by keys of its own. Thread: the one that steps the subtask.</summary>
/// <remarks>Change it only by broadcast records, and by each in the same way in all subtasks: after a restart in another parallelism, a subtask may get another one's.</remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
[SuppressMessage("Naming", "CA1710", Justification = "It is state first, and a collection second.")]
public sealed class BroadcastState<TKey, TValue> : OperatorEntries, IReadOnlyCollection<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private readonly Codec<TKey> _keys;
    private readonly Codec<TValue> _values;
    private readonly Dictionary<TKey, TValue> _entries = [];

    internal BroadcastState(Codec<TKey> keys, Codec<TValue> values)
    {
        _keys = keys;
        _values = values;
    }

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>The value of a key: the type's default where it has none.</summary>
    public TValue? this[TKey key]
    {
        get => _entries.GetValueOrDefault(key);
        set => _entries[key] = value!;
    }

    /// <summary>Whether a key has a value, and which.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _entries.TryGetValue(key, out value);

    /// <summary>Removes a key; false where it had no value.</summary>
    public bool Remove(TKey key) => _entries.Remove(key);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal override void Write(ByteArena output, Action ended)
    {
        foreach (var (key, value) in _entries)
        {
            WriteField(in key, _keys, output);
            WriteField(in value, _values, output);
            ended();
        }
    }

    internal override void Read(ReadOnlySpan<byte> payload, Func<int, bool> isWanted, (CodecUpgrade? Key, CodecUpgrade? Value) upgrades = default)
    {
        for (int number = 0; !payload.IsEmpty; number++)
        {
            var key = ReadField(ref payload, _keys, upgrades.Key);
            var value = ReadField(ref payload, _values, upgrades.Value);
            if (isWanted(number))
            {
                _entries[key] = value;
            }
        }
    }
}
