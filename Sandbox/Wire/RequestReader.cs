using System.Buffers.Binary;
using System.Text;

namespace Weir.Sandbox.Wire;

/// <summary>Reads the fields of a request in their order. A length that the rest of the frame can't hold is refused before anything is allocated for it.</summary>
/// <param name="bytes">What is to be read.</param>
/// <param name="isFlexible">Whether lengths are compact, and structures end with tagged fields (KIP-482).</param>
internal ref struct RequestReader(ReadOnlySpan<byte> bytes, bool isFlexible)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public bool Bool() => Take(1)[0] != 0;

    public sbyte Int8() => (sbyte)Take(1)[0];

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(sizeof(short)));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    public Guid Uuid() => new(Take(16), bigEndian: true);

    public string String() => NullableString() ?? throw new MalformedFrameException("a string is null that may not be");

    public string? NullableString() => Text(isFlexible ? CompactLength() : Int16());

    /// <summary>A string as the header has it: not compact in any version.</summary>
    public string? HeaderString() => Text(Int16());

    /// <summary>How many elements follow; -1 stands for a null array.</summary>
    public int ArrayLength()
    {
        int length = isFlexible ? CompactLength() : Int32();
        // An element takes a byte at least.
        return length >= -1 && length <= _rest.Length ? length : throw new MalformedFrameException($"an array of {length} elements in {_rest.Length} bytes");
    }

    /// <summary>An array of strings; none where it is null.</summary>
    public List<string> Strings()
    {
        var strings = new List<string>();
        for (int left = ArrayLength(); left > 0; left--)
        {
            strings.Add(String());
        }
        return strings;
    }

    /// <summary>Bytes, or an empty span with <paramref name="isNull"/> set.</summary>
    public ReadOnlySpan<byte> Bytes(out bool isNull)
    {
        int length = isFlexible ? CompactLength() : Int32();
        isNull = length == -1;
        return isNull ? [] : Take(length);
    }

    public ReadOnlySpan<byte> Bytes() => Bytes(out _);

    /// <summary>Passes the tagged fields that end a structure in flexible versions: none is of use here.</summary>
    public void Tags()
    {
        if (!isFlexible)
        {
            return;
        }
        for (uint tags = Unsigned(); tags > 0; tags--)
        {
            Unsigned();
            Take(Length(Unsigned()));
        }
    }

    private uint Unsigned()
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw new MalformedFrameException("a number of variable length does not end");
    }

    // One more than the length, where 0 is null.
    private int CompactLength() => Length(Unsigned()) - 1;

    private static int Length(uint length) => length <= int.MaxValue ? (int)length : throw new MalformedFrameException($"a length of {length}");

    private string? Text(int length)
    {
        if (length == -1)
        {
            return null;
        }
        try
        {
            return StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw new MalformedFrameException("a string is not UTF-8");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length)
        {
            throw new MalformedFrameException($"a field of {length} bytes where {_rest.Length} are left");
        }
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
