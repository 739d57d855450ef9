using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.Runtime.Partitioning;

namespace Weir.Runtime.Checkpointing;

/// <summary>Deals stored records of an edge to its subtasks anew, where their number is not the one they were stored at: by the edge's own rule, in their order.</summary>
internal abstract class InFlightRouter
{
    /// <summary>Deals the records of one segment.</summary>
    /// <param name="from">The subtask that wrote them.</param>
    /// <param name="stored">The records.</param>
    /// <returns>For each subtask that gets some: its records, and how many.</returns>
    /// <exception cref="CodecException">The bytes are not whole records.</exception>
    public abstract IEnumerable<(int To, ReadOnlyMemory<byte> Stored, long Records)> Route(int from, ReadOnlyMemory<byte> stored);
}

/// <inheritdoc/>
internal sealed class InFlightRouter<T>(EdgePlan<T> edge, int maxParallelism) : InFlightRouter
{
    // One for each old producer, as it was: a rule that deals in turn begins anew.
    private readonly Dictionary<int, Partitioner<T>> _rules = [];
    private readonly RecordContext _context = new();

    public override IEnumerable<(int To, ReadOnlyMemory<byte> Stored, long Records)> Route(int from, ReadOnlyMemory<byte> stored)
    {
        if (!_rules.TryGetValue(from, out var rule))
        {
            _rules.Add(from, rule = edge.CreatePartitioner(from, edge.To.Parallelism, maxParallelism, _context));
        }
        var dealt = new (ByteArena? Bytes, long Records)[edge.To.Parallelism];
        for (var rest = stored.Span; !rest.IsEmpty;)
        {
            int length = RecordFormat.LengthOf(rest, edge.CodecId);
            ref var mine = ref dealt[Select(rule, rest[RecordFormat.HeaderSize..length])];
            mine.Bytes ??= new ByteArena(stored.Length / dealt.Length);
            mine.Bytes.Append(rest[..length]);
            mine.Records++;
            rest = rest[length..];
        }
        return dealt.Select((mine, to) => (to, mine.Bytes?.WrittenMemory ?? default, mine.Records)).Where(mine => mine.Records > 0);
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
