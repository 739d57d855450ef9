using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.Runtime.Partitioning;

namespace Weir.Runtime.Checkpointing;

/// <summary>Deals stored records of an edge to its subtasks anew, where their number is not the one they were stored at: by the edge's own rule, in their order.</summary>
internal abstract class InFlightRouter
{
    /// <summary>Deals the records of one segment; watermarks between them are left out, since each was one producer's.</summary>
    /// <param name="from">The subtask that wrote them.</param>
    /// <param name="stored">The records.</param>
    /// <returns>For each subtask that gets some: its records.</returns>
    /// <exception cref="CodecException">The bytes are not whole records.</exception>
    public abstract IEnumerable<(int To, ReadOnlyMemory<byte> Stored)> Route(int from, ReadOnlyMemory<byte> stored);

    /// <summary>Whether records, of which one is looked at, have the keys that they were stored with; true where the edge has none.</summary>
    /// <exception cref="CodecException">The bytes are no whole record.</exception>
    public abstract bool HasSameKeys(ReadOnlyMemory<byte> stored);
}

/// <inheritdoc/>
internal sealed class InFlightRouter<T>(EdgePlan<T> edge, int maxParallelism) : InFlightRouter
{
    // One for each old producer, as it was: a rule that deals in turn begins anew.
    private readonly Dictionary<int, Partitioner<T>> _rules = [];
    private readonly RecordContext _context = new();

    public override IEnumerable<(int To, ReadOnlyMemory<byte> Stored)> Route(int from, ReadOnlyMemory<byte> stored)
    {
        if (!_rules.TryGetValue(from, out var rule))
        {
            _rules.Add(from, rule = edge.CreatePartitioner(from, edge.To.Parallelism, maxParallelism, _context));
        }
        var dealt = new ByteArena?[edge.To.Parallelism];
        for (var rest = stored.Span; !rest.IsEmpty;)
        {
            if (RecordFormat.IsWatermark(rest))
            {
                rest = rest[RecordFormat.HeaderSize..];
                continue;
            }
            int length = RecordFormat.LengthOf(rest, edge.CodecId);
            ref var mine = ref dealt[Select(rule, rest[RecordFormat.HeaderSize..length])];
            mine ??= new ByteArena(stored.Length / dealt.Length);
            int start = mine.Length;
            mine.Append(rest[..length]);
            if (edge.Kind == EdgeKind.Hash)
            {
                RecordFormat.SetHash(mine.WrittenFrom(start), _context.Hash); // It may have come over an edge without keys.
            }
            rest = rest[length..];
        }
        return dealt.Select((mine, to) => (to, mine?.WrittenMemory ?? default)).Where(mine => !mine.Item2.IsEmpty);
    }

    public override bool HasSameKeys(ReadOnlyMemory<byte> stored)
    {
        var first = stored.Span[RecordFormat.FindRecord(stored.Span)..];
        if (edge.Kind != EdgeKind.Hash || first.IsEmpty)
        {
            return true;
        }
        first = first[..RecordFormat.LengthOf(first, edge.CodecId)];
        _ = Select(edge.CreatePartitioner(0, edge.To.Parallelism, maxParallelism, _context), first[RecordFormat.HeaderSize..]);
        return _context.Hash == RecordFormat.HashOf(first);
    }

    private unsafe int Select(Partitioner<T> rule, ReadOnlySpan<byte> encoded)
    {
        fixed (byte* bytes = encoded)
        {
            _context.SetBytes(bytes, encoded.Length);
            int selected = rule.Select(edge.Codec.Decode(encoded));
            _context.SetBytes(null, 0);
            return selected;
        }
    }
}
