using System.Text;

namespace Weir;

/// <summary>The headers of one message, in the order in which they were written; a name may come more than once. Read only when asked for: who asks for none pays for none.</summary>
/// <remarks>Borrowed with its <see cref="Message"/>: valid until <see cref="MessageCodec{T}.Decode"/> returns. Nothing is allocated to read them.</remarks>
public abstract class MessageHeaders
{
    /// <summary>For messages that have none.</summary>
    public static MessageHeaders None { get; } = new NoHeaders();

    /// <summary>Reads the header at a place, from 0; false behind the last one.</summary>
    public abstract bool TryRead(int index, out MessageHeader header);

    /// <summary>Finds the header of a name; of several the last one, which was added by whoever wrote the message last.</summary>
    /// <param name="name">In UTF-8, e.g. <c>"trace-id"u8</c>.</param>
    /// <param name="header">What was found.</param>
    public bool TryGetLast(ReadOnlySpan<byte> name, out MessageHeader header)
    {
        header = default;
        bool found = false;
        foreach (var one in this)
        {
            if (one.Name.SequenceEqual(name))
            {
                header = one;
                found = true;
            }
        }
        return found;
    }

    /// <summary>All of them, one after the other.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Goes through headers.</summary>
    public ref struct Enumerator
    {
        private readonly MessageHeaders _headers;
        private MessageHeader _current;
        private int _next;

        internal Enumerator(MessageHeaders headers) => _headers = headers;

        /// <summary>The header in hand.</summary>
        public readonly MessageHeader Current => _current;

        /// <summary>Goes to the next one.</summary>
        public bool MoveNext() => _headers.TryRead(_next++, out _current);
    }

    private sealed class NoHeaders : MessageHeaders
    {
        public override bool TryRead(int index, out MessageHeader header)
        {
            header = default;
            return false;
        }
    }
}

/// <summary>One header, read in place.</summary>
public readonly ref struct MessageHeader
{
    /// <summary>Its name, in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Its value; empty also where there is none.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Whether it has a value, be it empty.</summary>
    public bool HasValue { get; init; }

    /// <summary>Its name as text, allocated anew.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Name);
}

/// <summary>Takes the headers of a message that is written, in order.</summary>
public abstract class HeaderOutput
{
    /// <summary>Adds one.</summary>
    /// <param name="name">In UTF-8, e.g. <c>"trace-id"u8</c>, without a zero byte. Copied.</param>
    /// <param name="value">Its value, which may be empty. Copied.</param>
    public abstract void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>Adds one without a value.</summary>
    /// <inheritdoc cref="Add" path="/param"/>
    public abstract void AddNull(ReadOnlySpan<byte> name);
}
