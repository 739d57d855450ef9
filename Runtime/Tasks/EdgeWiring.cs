using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>The channels of one edge in one attempt, and what both ends need of it.</summary>
internal abstract class EdgeWiring
{
    public abstract IReadOnlyList<BatchPool> Pools { get; }

    /// <summary>The channel between two subtasks, or null where the edge has none.</summary>
    public abstract Channel? Find(int from, int to);

    /// <summary>All channels into a subtask, in the order of their producers.</summary>
    public abstract IEnumerable<Channel> Into(int to);

    /// <summary>All channels out of a subtask, in the order of their consumers.</summary>
    public abstract IEnumerable<Channel> OutOf(int from);

    /// <summary>Makes the gate of a producing subtask: an <see cref="IOutputGate"/> that is a collector of the edge's records.</summary>
    public abstract IOutputGate CreateGate(int from, RecordContext context, GateCredit credit, JobSettings settings, MemoryShare overflow, SpillSpace space);

    /// <summary>One collector for several gates of this record type.</summary>
    public abstract object Join(IReadOnlyList<IOutputGate> gates);
}

/// <summary>The channels of one edge that carries records of one type.</summary>
internal sealed class EdgeWiring<T> : EdgeWiring
{
    private readonly EdgePlan<T> _edge;
    private readonly Channel<T>?[,] _channels;
    private readonly BatchPool<T>[] _pools;
    private readonly RecordFormat<T> _format;

    public EdgeWiring(EdgePlan<T> edge, MemoryShare memory)
    {
        _edge = edge;
        _format = new RecordFormat<T>(edge.Codec);
        _channels = new Channel<T>?[edge.From.Parallelism, edge.To.Parallelism];
        _pools = [.. Enumerable.Range(0, edge.From.Parallelism).Select(from => new BatchPool<T>($"{edge.Id} #{from}", memory))];
        for (int from = 0; from < edge.From.Parallelism; from++)
        {
            for (int to = 0; to < edge.To.Parallelism; to++)
            {
                if (edge.Kind != EdgeKind.Forward || from == to)
                {
                    _channels[from, to] = new Channel<T>(new ChannelId(edge.Id, from, to)) { Format = _format, StaysAligned = edge.StaysAligned, IsAwaited = edge.IsAwaited };
                }
            }
        }
    }

    public override IReadOnlyList<BatchPool> Pools => _pools;

    public override Channel? Find(int from, int to) => from < _channels.GetLength(0) && to < _channels.GetLength(1) ? _channels[from, to] : null;

    public override IEnumerable<Channel> Into(int to) => Enumerable.Range(0, _channels.GetLength(0)).Select(from => _channels[from, to]).OfType<Channel>();

    public override IEnumerable<Channel> OutOf(int from) => Enumerable.Range(0, _channels.GetLength(1)).Select(to => _channels[from, to]).OfType<Channel>();

    public override IOutputGate CreateGate(int from, RecordContext context, GateCredit credit, JobSettings settings, MemoryShare overflow, SpillSpace space)
    {
        Channel<T>[] channels = [.. OutOf(from).Cast<Channel<T>>()];
        foreach (var channel in channels)
        {
            channel.Credit = credit;
        }
        var partitioner = _edge.CreatePartitioner(from, channels.Length, settings.MaxParallelism, context);
        return new OutputGate<T>(channels, partitioner, context, credit, _pools[from], _edge.Codec, settings.MaxOverdraftBuffersPerGate, new Overflow<T>(_format, overflow, space));
    }

    public override object Join(IReadOnlyList<IOutputGate> gates) => gates.Count == 1 ? gates[0] : new FanOut<T>([.. gates.Cast<Collector<T>>()]);
}
