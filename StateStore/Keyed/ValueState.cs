using System.Diagnostics;
using System.Runtime.CompilerServices;
using Weir.StateStore;

namespace Weir;

/// <summary>One value for each key; whose, is said by the record that is being processed.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <remarks>Thread: the one that steps the subtask. Made by <see cref="KeyedState"/>.</remarks>
public sealed unsafe class ValueState<T>
{
    private readonly string _name;
    private readonly StateTable? _states;
    private readonly CurrentKey _key;
    private readonly Codec<T>? _codec;
    private readonly T _initial;
    private readonly ByteArena _scratch = new();
    private readonly bool _eightByteKeys;
    private readonly int _valueOffset;

    // Where the key of this stamp was found, so that a set after a get does not look again. Only this state changes its table, so the slot stays.
    private long _foundAt;
    private KeyGroupTable? _table;
    private byte* _slot;

    internal ValueState(string name, StateTable? states, CurrentKey key, ValueForm<T> form, T initial)
    {
        _name = name;
        _states = states;
        _key = key;
        _codec = form.Codec;
        _initial = initial;
        _eightByteKeys = states?.Layout.KeyLength == sizeof(ulong);
        _valueOffset = states?.Layout.ValueOffset ?? 0;
    }

    /// <summary>The value of the current key; the initial one where it has none. A set with an object that has references encodes it at once.</summary>
    /// <exception cref="InvalidOperationException">No record is being processed.</exception>
    /// <exception cref="CodecException">The stored bytes are not what the codec writes, or the codec refuses the value.</exception>
    /// <exception cref="ArgumentException">The encoded value is larger than 32 MiB.</exception>
    public T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            byte* slot = Find();
            if (slot == null)
            {
                return _initial;
            }
            return ValueForm<T>.MayBeInline && _codec is null ? Unsafe.ReadUnaligned<T>(slot + _valueOffset) : _codec!.Decode(_table!.ValueOf(slot));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set
        {
            if (ValueForm<T>.MayBeInline && _codec is null)
            {
                byte* slot = FindOrAdd();
                _table!.Claim(Page.Of(slot));
                Unsafe.WriteUnaligned(slot + _valueOffset, value);
            }
            else
            {
                SetEncoded(in value);
            }
        }
    }

    /// <summary>Whether a value was set for the current key, and not cleared.</summary>
    public bool HasValue => Find() != null;

    /// <summary>Forgets the value of the current key.</summary>
    public void Clear()
    {
        byte* slot = Find();
        if (slot != null)
        {
            _table!.Remove(slot);
            _slot = null;
        }
    }

    private void SetEncoded(in T value)
    {
        // Encoded first: a codec that refuses must not leave an entry behind.
        _scratch.Clear();
        _codec!.Encode(in value, [], _scratch);
        if (_scratch.Length > KeyedStateFormat.ValueBytesMax)
        {
            throw new ArgumentException($"A value of state '{_name}' has {_scratch.Length} bytes; {KeyedStateFormat.ValueBytesMax} is the most.");
        }
        byte* slot = FindOrAdd();
        _table!.SetValue(slot, _scratch.Written);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Find()
    {
        if (_foundAt != _key.Stamp || _foundAt == 0)
        {
            Search();
        }
        return _slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* FindOrAdd()
    {
        byte* slot = Find();
        return slot != null ? slot : _slot = _table!.Add(_key.Hash, _key.Bytes);
    }

    private void Search()
    {
        if (_key.Stamp == 0 || _states is null)
        {
            throw new InvalidOperationException($"State '{_name}' has no value here: no record is being processed.");
        }
        var table = _states.Of(_key.KeyGroup);
        Debug.Assert(table.KeyGroup == _key.KeyGroup, "a key of another subtask");
        _slot = _eightByteKeys ? table.FindEight(_key.Hash, _key.Eight) : table.Find(_key.Hash, _key.Bytes);
        _table = table;
        _foundAt = _key.Stamp;
    }
}
