using System.Buffers.Binary;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>Writes headers behind a staged message, as they are handed to the client later: the lengths of name and value, the name with a zero byte, the value.</summary>
/// <remarks>Thread: one at a time. One for all messages of a writer: <see cref="Output"/> says where.</remarks>
internal sealed class StagedHeaders : HeaderOutput
{
    private const int None = -1;
    private const int LengthsBytes = 2 * sizeof(int);

    public ByteArena Output { get; set; } = new();

    public override void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Begin(name, value.Length);
        Output.Append(value);
    }

    public override void AddNull(ReadOnlySpan<byte> name) => Begin(name, None);

    /// <summary>How many there are.</summary>
    public static int Count(ReadOnlySpan<byte> staged)
    {
        int count = 0;
        for (; !staged.IsEmpty; staged = staged[Length(staged)..])
        {
            count++;
        }
        return count;
    }

    /// <summary>Bytes of the first one, lengths included.</summary>
    public static int Length(ReadOnlySpan<byte> staged) => LengthsBytes + NameLength(staged) + 1 + Math.Max(0, ValueLength(staged));

    /// <summary>Of the first one, where its name begins; a zero byte ends it.</summary>
    public static int NameStart => LengthsBytes;

    /// <summary>Of the first one, where its value begins.</summary>
    public static int ValueStart(ReadOnlySpan<byte> staged) => LengthsBytes + NameLength(staged) + 1;

    /// <summary>Bytes of the first one's value; less than zero where it has none.</summary>
    public static int ValueLength(ReadOnlySpan<byte> staged) => BinaryPrimitives.ReadInt32BigEndian(staged[sizeof(int)..]);

    private static int NameLength(ReadOnlySpan<byte> staged) => BinaryPrimitives.ReadInt32BigEndian(staged);

    private void Begin(ReadOnlySpan<byte> name, int valueLength)
    {
        if (name.Contains((byte)0))
        {
            throw new ArgumentException("The name of a header has no zero byte: Kafka's client would end it there.", nameof(name));
        }
        Output.WriteInt32(name.Length);
        Output.WriteInt32(valueLength);
        Output.Append(name);
        Output.Append([0]);
    }
}
