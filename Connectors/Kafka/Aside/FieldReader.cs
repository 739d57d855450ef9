using System.Buffers.Binary;
using System.Text;

namespace Weir.Connectors.Kafka.Aside;

/// <summary>Fields as the codecs here store them: numbers big-endian, each text and each run of bytes behind its length, -1 where there is none.</summary>
internal ref struct FieldReader(CodecId codec, ReadOnlySpan<byte> encoded)
{
    private const int None = -1;

    private ReadOnlySpan<byte> _left = encoded;

    public static void Write(ReadOnlyMemory<byte>? bytes, ByteArena output)
    {
        output.WriteInt32(bytes?.Length ?? None);
        output.Append(bytes.GetValueOrDefault().Span);
    }

    public static void Write(string text, ByteArena output) => Write(Encoding.UTF8.GetBytes(text), output);

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    public string Text() => Encoding.UTF8.GetString(Take(Int32()));

    public ReadOnlyMemory<byte>? Bytes() => Int32() is var length && length == None ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(Take(length).ToArray());

    /// <exception cref="CodecException">Something is left over.</exception>
    public readonly void End()
    {
        if (_left.Length > 0)
        {
            throw new CodecException(codec, $"{_left.Length} bytes are left over.");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_left.Length)
        {
            throw new CodecException(codec, $"{length} bytes are to be read, of {_left.Length}.");
        }
        var taken = _left[..length];
        _left = _left[length..];
        return taken;
    }
}
