using System.Buffers.Binary;

namespace Weir.StateStore;

/// <summary>An entry of stored state, as bytes.</summary>
/// <param name="Key">The key's bytes; null where the state has none.</param>
/// <param name="Value">The value's bytes.</param>
public readonly record struct StoredEntry(ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte> Value);

/// <summary>Reads entries of stored state without the job whose they are.</summary>
public static class StoredEntries
{
    /// <summary>The first entries of a segment with keyed state.</summary>
    /// <param name="payload">The segment's, verified.</param>
    /// <param name="max">How many at most.</param>
    /// <exception cref="InvalidDataException">The payload is not of this format.</exception>
    public static IReadOnlyList<StoredEntry> OfKeys(ReadOnlyMemory<byte> payload, int max)
    {
        var entries = new List<StoredEntry>();
        var rest = payload;
        var head = Take(ref rest, KeyedStateFormat.HeadSize).Span;
        if (BinaryPrimitives.ReadInt32LittleEndian(head) is var version && version != KeyedStateFormat.Version)
        {
            throw new InvalidDataException($"the entries have format version {version}, this program reads {KeyedStateFormat.Version}");
        }
        int keyLength = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        int valueLength = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        while (rest.Length > 0 && entries.Count < max)
        {
            var runHead = Take(ref rest, KeyedStateFormat.RunHeadSize).Span;
            int count = BinaryPrimitives.ReadInt32LittleEndian(runHead[4..]);
            var run = Take(ref rest, BinaryPrimitives.ReadInt32LittleEndian(runHead[8..]));
            for (int entry = 0; entry < count && entries.Count < max; entry++)
            {
                Take(ref run, sizeof(uint));
                var key = TakePart(ref run, keyLength);
                entries.Add(new StoredEntry(key, TakePart(ref run, valueLength)));
            }
        }
        return entries;
    }

    /// <summary>The first entries of a segment with state apart from any key.</summary>
    /// <param name="payload">The segment's, verified.</param>
    /// <param name="hasKeys">Whether each has a key before its value.</param>
    /// <param name="max">How many at most.</param>
    /// <exception cref="InvalidDataException">The payload is not of this format.</exception>
    public static IReadOnlyList<StoredEntry> OfOperator(ReadOnlyMemory<byte> payload, bool hasKeys, int max)
    {
        var entries = new List<StoredEntry>();
        var rest = payload;
        while (rest.Length > 0 && entries.Count < max)
        {
            ReadOnlyMemory<byte>? key = hasKeys ? TakeField(ref rest) : null;
            entries.Add(new StoredEntry(key, TakeField(ref rest)));
        }
        return entries;
    }

    private static ReadOnlyMemory<byte> TakePart(ref ReadOnlyMemory<byte> rest, int fixedLength) =>
        Take(ref rest, fixedLength > 0 ? fixedLength : BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, sizeof(int)).Span));

    private static ReadOnlyMemory<byte> TakeField(ref ReadOnlyMemory<byte> rest) => Take(ref rest, BinaryPrimitives.ReadInt32BigEndian(Take(ref rest, sizeof(int)).Span));

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, int length)
    {
        if ((uint)length > (uint)rest.Length)
        {
            throw new InvalidDataException("the segment ends within an entry");
        }
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }
}
