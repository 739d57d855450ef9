using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Weir.StateStore;

namespace Weir;

/// <summary>A list that an operator keeps in each subtask. Thread: the one that steps the subtask.</summary>
/// <typeparam name="T">The entry. An entry that is an object may be changed: it is stored as it is at the snapshot.</typeparam>
[SuppressMessage("Naming", "CA1710", Justification = "It is state first, and a list second.")]
public sealed class OperatorList<T> : OperatorEntries, IReadOnlyList<T>
{
    private readonly Codec<T> _codec;
    private readonly List<T> _entries = [];

    internal OperatorList(Codec<T> codec) => _codec = codec;

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public T this[int index] => _entries[index];

    /// <summary>Adds an entry to the end.</summary>
    public void Add(T entry) => _entries.Add(entry);

    /// <summary>Puts other entries in place of all.</summary>
    public void Update(IEnumerable<T> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        T[] copy = [.. entries];
        _entries.Clear();
        _entries.AddRange(copy);
    }

    /// <summary>Removes all entries.</summary>
    public void Clear() => _entries.Clear();

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal override void Write(ByteArena output, Action ended)
    {
        foreach (var entry in _entries)
        {
            WriteField(in entry, _codec, output);
            ended();
        }
    }

    internal override void Read(ReadOnlySpan<byte> payload, Func<int, bool> isWanted, (CodecUpgrade? Key, CodecUpgrade? Value) upgrades = default)
    {
        for (int number = 0; !payload.IsEmpty; number++)
        {
            var entry = ReadField(ref payload, _codec, upgrades.Value);
            if (isWanted(number))
            {
                _entries.Add(entry);
            }
        }
    }
}
