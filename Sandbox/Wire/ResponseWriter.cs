using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Weir.Sandbox.Wire;

/// <summary>Writes the fields of a response in their order, behind the length of its frame. Thread: one at a time. Owns: a pooled buffer, until it is disposed.</summary>
/// <param name="isFlexible">Whether lengths are compact, and structures end with tagged fields (KIP-482).</param>
internal sealed class ResponseWriter(bool isFlexible) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _length = sizeof(int);

    /// <summary>The frame, its length written in front.</summary>
    public ReadOnlyMemory<byte> Frame()
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer, _length - sizeof(int));
        return _buffer.AsMemory(0, _length);
    }

    public void Bool(bool value) => Claim(1)[0] = value ? (byte)1 : (byte)0;

    public void Int8(int value) => Claim(1)[0] = (byte)value;

    public void Int16(int value) => BinaryPrimitives.WriteInt16BigEndian(Claim(sizeof(short)), (short)value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Claim(sizeof(int)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Claim(sizeof(long)), value);

    public void Uuid(Guid value) => value.TryWriteBytes(Claim(16), bigEndian: true, out _);

    public void Error(ErrorCode error) => Int16((short)error);

    public void String(string? value)
    {
        int length = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (isFlexible)
        {
            Unsigned((uint)(length + 1));
        }
        else
        {
            Int16(length);
        }
        if (length > 0)
        {
            Encoding.UTF8.GetBytes(value, Claim(length));
        }
    }

    /// <summary>Begins an array; -1 for null.</summary>
    public void Array(int count)
    {
        if (isFlexible)
        {
            Unsigned((uint)(count + 1));
        }
        else
        {
            Int32(count);
        }
    }

    public void Int32s(ReadOnlySpan<int> values)
    {
        Array(values.Length);
        foreach (int value in values)
        {
            Int32(value);
        }
    }

    /// <summary>Begins bytes whose parts follow by <see cref="Append"/>.</summary>
    public void BytesLength(int length) => Array(length);

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Claim(bytes.Length));

    /// <summary>Ends a structure: no tagged fields.</summary>
    public void Tags()
    {
        if (isFlexible)
        {
            Unsigned(0);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Unsigned(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Claim(1)[0] = (byte)(value | 0x80);
        }
        Claim(1)[0] = (byte)value;
    }

    private Span<byte> Claim(int length)
    {
        if (_length + length > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + length, 2 * _buffer.Length));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        var claimed = _buffer.AsSpan(_length, length);
        _length += length;
        return claimed;
    }
}
