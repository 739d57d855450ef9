namespace Weir.Connectors.Kafka;

/// <summary>A message that a source's codec could not read, byte for byte, and why.</summary>
/// <remarks>Immutable; owns its bytes.</remarks>
public sealed class UndecodableMessage
{
    /// <summary>The topic it lies in.</summary>
    public required string Topic { get; init; }

    /// <summary>Its partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Its number in the partition.</summary>
    public required long Offset { get; init; }

    /// <summary>When it was created, in ms since 1970, or <see cref="Runtime.RecordContext.NoTimestamp"/>.</summary>
    public required long Timestamp { get; init; }

    /// <summary>Its key; null where it has none.</summary>
    public required ReadOnlyMemory<byte>? Key { get; init; }

    /// <summary>Its value; null where it has none (a tombstone).</summary>
    public required ReadOnlyMemory<byte>? Value { get; init; }

    /// <summary>Its headers, in their order.</summary>
    public required IReadOnlyList<UndecodableHeader> Headers { get; init; }

    /// <summary>What the codec said; 1,000 letters at most.</summary>
    public required string Cause { get; init; }
}

/// <summary>One header of such a message.</summary>
/// <param name="Name">Its name; one may come more than once.</param>
/// <param name="Value">Its value; null where it has none.</param>
public sealed record UndecodableHeader(string Name, ReadOnlyMemory<byte>? Value);
