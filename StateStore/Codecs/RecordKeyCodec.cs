using System.Buffers.Binary;
using Weir.StateStore;

namespace Weir;

/// <summary>A key of several fields: their bytes one after another, a field of no fixed length behind its length; its hash is made of theirs.</summary>
internal sealed class RecordKeyCodec<TKey>(CodecId id, KeyField<TKey>[] fields, KeyReader.Make<TKey> make) : KeyCodec<TKey>
{
    public override CodecId Id => id;

    public override int FixedLength { get; } = Array.TrueForAll(fields, field => field.FixedLength > 0) ? fields.Sum(field => field.FixedLength) : 0;

    public override uint Hash(in TKey key)
    {
        uint hash = 0;
        foreach (var field in fields)
        {
            hash = StableHash.Combine(hash, field.Hash(in key));
        }
        return hash;
    }

    public override void Encode(in TKey key, ByteArena output)
    {
        foreach (var field in fields)
        {
            field.Encode(in key, output);
        }
    }

    public override TKey Decode(ReadOnlySpan<byte> encoded)
    {
        var reader = new KeyReader(id, encoded);
        var key = make(ref reader);
        reader.ExpectEnd();
        return key;
    }
}

/// <summary>One field of a key, whatever its type.</summary>
internal abstract class KeyField<TKey>
{
    public abstract int FixedLength { get; }

    public abstract uint Hash(in TKey key);

    public abstract void Encode(in TKey key, ByteArena output);
}

/// <summary>One field of a key: how it is read, and its codec.</summary>
internal sealed class KeyField<TKey, T>(Func<TKey, T> select, KeyCodec<T> codec) : KeyField<TKey>
{
    public override int FixedLength => codec.FixedLength;

    public override uint Hash(in TKey key) => codec.Hash(select(key));

    public override void Encode(in TKey key, ByteArena output)
    {
        if (codec.FixedLength > 0)
        {
            codec.Encode(select(key), output);
            return;
        }
        int start = output.Length;
        output.WriteInt32(0);
        codec.Encode(select(key), output);
        BinaryPrimitives.WriteInt32BigEndian(output.Array.AsSpan(start), output.Length - start - sizeof(int));
    }
}

/// <summary>Takes the fields of a key apart, in the order they were written.</summary>
internal ref struct KeyReader(CodecId key, ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    internal delegate TKey Make<out TKey>(ref KeyReader reader);

    public T Read<T>(KeyCodec<T> codec) => codec.Decode(Take(codec.FixedLength > 0 ? codec.FixedLength : BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)))));

    public readonly void ExpectEnd()
    {
        if (_rest.Length > 0)
        {
            throw new CodecException(key, $"{_rest.Length} bytes are left over.");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            throw new CodecException(key, "the bytes end within a field.");
        }
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
