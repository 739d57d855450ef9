using Weir.Runtime;

namespace Weir.Testing;

/// <summary>A message of a topic, as bytes: for what no codec writes, or to see what one wrote.</summary>
/// <param name="Key">Its key; null where it has none.</param>
/// <param name="Value">Its value; null for a tombstone.</param>
public sealed record TestMessage(ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value)
{
    /// <summary>Its headers, in order; none by default.</summary>
    public IReadOnlyList<TestHeader> Headers { get; init; } = [];

    /// <summary>When it was made, in ms since 1970; null (the default) takes the time of the test's clock.</summary>
    public long? Timestamp { get; init; }

    /// <summary>The partition it lies in; null (the default) leaves it to the key, or, where there is none, takes one after the other.</summary>
    public int? Partition { get; init; }

    internal static TestMessage Of(SimulatedLog.Entry entry, int partition) => new(OrNull(entry.Key), OrNull(entry.Value))
    {
        Headers = entry.Headers,
        Timestamp = entry.Timestamp == RecordContext.NoTimestamp ? null : entry.Timestamp,
        Partition = partition,
    };

    private static ReadOnlyMemory<byte>? OrNull(byte[]? bytes) => bytes is null ? null : bytes.AsMemory();
}

/// <summary>A header of a message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; null where it has none.</param>
public sealed record TestHeader(string Name, ReadOnlyMemory<byte>? Value);
