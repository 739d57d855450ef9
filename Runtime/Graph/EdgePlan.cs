using Weir.Runtime.Checkpointing;
using Weir.Runtime.Partitioning;
using Weir.Runtime.Tasks;

namespace Weir.Runtime.Graph;

/// <summary>A way from one task to another: one channel for each pair of their subtasks, or, forward, for each pair of equal number.</summary>
internal abstract class EdgePlan(string id, EdgeKind kind, TaskPlan from, TaskPlan to, int input)
{
    /// <summary>The ids of the operators it joins, and its number among the edges that join them: <c>from->to#n</c>. Stored with records in flight.</summary>
    public string Id { get; } = id;

    public EdgeKind Kind { get; } = kind;

    public TaskPlan From { get; } = from;

    public TaskPlan To { get; } = to;

    /// <summary>Which input of the consuming task it leads to: 0, or 1 where its first operator has two.</summary>
    public int Input { get; } = input;

    /// <summary>Whether barriers never overtake on it: subtasks read the same records at different speed, and what they keep of them must be the same.</summary>
    public bool StaysAligned => Kind == EdgeKind.Broadcast;

    /// <summary>Whether its consumers may not snapshot before its barriers are visible.</summary>
    /// <remarks>Lateness is inherited: without it two broadcast edges in series can wait for each other for ever.</remarks>
    public bool IsAwaited => StaysAligned || From.IsLate;

    public abstract CodecId CodecId { get; }

    /// <summary>The id of an edge between two operators.</summary>
    public static string IdOf(OperatorNode from, OperatorNode to, int number) => $"{from.Id}->{to.Id}#{number}";

    /// <summary>Makes the channels of one attempt.</summary>
    public abstract EdgeWiring CreateWiring();

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
internal sealed class EdgePlan<T>(string id, TaskPlan from, TaskPlan to, int input, Codec<T> codec, Partitioning<T> partitioning) : EdgePlan(id, partitioning.Kind, from, to, input)
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
        partitioning.Create(From.Tail.Id, fromSubtask, channels, maxParallelism, context);

    public override EdgeWiring CreateWiring() => new EdgeWiring<T>(this);

    public override InFlightRouter CreateRouter(int maxParallelism) => new InFlightRouter<T>(this, maxParallelism);

    public override object WithKeyBefore(object head, RecordContext context) => partitioning.WithKeyBefore((Collector<T>)head, context);
}
