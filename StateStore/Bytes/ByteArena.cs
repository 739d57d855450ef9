using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Weir;

/// <summary>A buffer of bytes that only grows at its end, and is emptied as a whole: what a batch's slices lie in, and what codecs write to.</summary>
/// <remarks>Thread: one at a time. Its array is kept when it is emptied, so that a pooled batch allocates nothing after warm-up.</remarks>
public sealed class ByteArena : IBufferWriter<byte>
{
    private byte[] _bytes;
    private int _length;

    /// <summary>Makes an empty arena.</summary>
    /// <param name="capacity">Bytes it holds before it first grows.</param>
    public ByteArena(int capacity = 0) => _bytes = capacity == 0 ? [] : new byte[capacity];

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    /// <summary>All that was written; valid until the next write or <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The same, as memory.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, _length);

    /// <summary>The array behind it, for callers that fix it in place; its first <see cref="Length"/> bytes are written.</summary>
    internal byte[] Array => _bytes;

    /// <summary>Copies bytes to the end and says where they are.</summary>
    public Slice Append(ReadOnlySpan<byte> bytes)
    {
        int offset = _length;
        bytes.CopyTo(Claim(bytes.Length));
        return new Slice(offset, bytes.Length);
    }

    /// <summary>Lengthens the arena and hands out the new part, to be filled by the caller.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Claim(int length)
    {
        if (length > _bytes.Length - _length)
        {
            Grow(length);
        }
        var claimed = _bytes.AsSpan(_length, length);
        _length += length;
        return claimed;
    }

    /// <summary>Appends a 32-bit number, big-endian.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Claim(sizeof(int)), value);

    /// <summary>Appends a 64-bit number, big-endian.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Claim(sizeof(long)), value);

    /// <summary>What was written from a place on, to be corrected in place.</summary>
    internal Span<byte> WrittenFrom(int offset) => _bytes.AsSpan(offset, _length - offset);

    /// <summary>Empties the arena; its memory stays.</summary>
    public void Clear() => _length = 0;

    /// <summary>Empties the arena, and lets its memory go.</summary>
    internal void Drop() => (_bytes, _length) = ([], 0);

    /// <summary>Cuts the arena back to a length it had before.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length);
        _length = length;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _length));
        _length += count;
    }

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (needed > _bytes.Length - _length)
        {
            Grow(needed);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int length)
    {
        long needed = (long)_length + length;
        if (needed > System.Array.MaxLength)
        {
            throw new InvalidOperationException($"An arena holds at most {System.Array.MaxLength} bytes; {needed} were asked for.");
        }
        long size = Math.Min(System.Array.MaxLength, Math.Max(Math.Max(256, needed), 2L * _bytes.Length));
        System.Array.Resize(ref _bytes, (int)size);
    }
}
