using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;
using Weir.Runtime.Partitioning;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>A way from one task to another: one channel for each pair of their subtasks, or, forward, for each pair of equal number.</summary>
internal abstract class EdgePlan(Connection connection, int number, EdgeKind kind, TaskPlan from, TaskPlan to)
{
    /// <summary>The ids of the operators it joins, the side output where it begins in one, and its number among such edges: <c>from->to#n</c>, <c>from:tag->to#n</c>. Stored with records in flight.</summary>
    public string Id { get; } = IdOf(connection, number);

    public EdgeKind Kind { get; } = kind;

    public TaskPlan From { get; } = from;

    public TaskPlan To { get; } = to;

    /// <summary>The operator of <see cref="From"/> that emits its records.</summary>
    public OperatorNode Emitter => connection.From;

    /// <summary>The side output that it begins in; null for the main one of the last operator.</summary>
    public OutputTag? Tag => connection.Tag;

    /// <summary>Which input of the consuming task it leads to: 0, or 1 where its first operator has two.</summary>
    public int Input => connection.Input;

    /// <summary>Whether barriers never overtake on it: subtasks read the same records at different speed, and what they keep of them must be the same.</summary>
    public bool StaysAligned => Kind == EdgeKind.Broadcast;

    /// <summary>Whether its consumers may not snapshot before its barriers are visible.</summary>
    /// <remarks>Lateness is inherited: without it two broadcast edges in series can wait for each other for ever.</remarks>
    public bool IsAwaited => StaysAligned || From.IsLate;

    public abstract CodecId CodecId { get; }

    /// <summary>The id of the edge that a connection becomes.</summary>
    public static string IdOf(Connection connection, int number) => $"{connection.From.Id}{(connection.Tag is { } tag ? $":{tag.Name}" : "")}->{connection.To.Id}#{number}";

    /// <summary>Bytes of memory that one of its batches takes before it is sent, unless records are large.</summary>
    public abstract long BatchBytes { get; }

    /// <summary>Makes the channels of one attempt.</summary>
    /// <param name="memory">What its batches are counted with.</param>
    public abstract EdgeWiring CreateWiring(MemoryShare memory);

    /// <summary>Makes what deals restored records anew.</summary>
    public abstract InFlightRouter CreateRouter(int maxParallelism);

    /// <summary>Makes the key at hand for a sink at the end of a chain whose first operator does not do so itself.</summary>
    /// <param name="head">The <c>Collector</c> where the chain begins.</param>
    /// <param name="context">The consuming subtask's.</param>
    /// <returns>The <c>Collector</c> where it then begins.</returns>
    public abstract object WithKeyBefore(object head, RecordContext context);

    public override string ToString() => Id;
}

/// <summary>An edge that carries records of one type.</summary>
internal sealed class EdgePlan<T>(Connection connection, int number, TaskPlan from, TaskPlan to, Codec<T> codec, Partitioning<T> partitioning)
    : EdgePlan(connection, number, partitioning.Kind, from, to)
{
    /// <summary>How its records are stored in flight, and how they move between batches.</summary>
    public Codec<T> Codec { get; } = codec;

    public override CodecId CodecId => Codec.Id;

    /// <summary>Makes the rule of one producing subtask.</summary>
    /// <param name="fromSubtask">The producing subtask.</param>
    /// <param name="channels">How many channels it chooses from: the consuming subtasks; 1 on a forward edge.</param>
    /// <param name="maxParallelism">The number of key groups.</param>
    /// <param name="context">The producing subtask's; a keyed edge leaves the hash of the key there.</param>
    public Partitioner<T> CreatePartitioner(int fromSubtask, int channels, int maxParallelism, RecordContext context) =>
        partitioning.Create(Emitter.Id, fromSubtask, channels, maxParallelism, context);

    public override long BatchBytes => Batch<T>.BytesUsually(Codec.HasSlices);

    public override EdgeWiring CreateWiring(MemoryShare memory) => new EdgeWiring<T>(this, memory);

    public override InFlightRouter CreateRouter(int maxParallelism) => new InFlightRouter<T>(this, maxParallelism);

    public override object WithKeyBefore(object head, RecordContext context) => partitioning.WithKeyBefore((Collector<T>)head, context);
}
