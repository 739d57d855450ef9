using Weir.Runtime;
using Weir.Runtime.Graph;

namespace Weir.Tests.Simulation;

/// <summary>A simulated graph as a job, with a number of subtasks for each of its groups.</summary>
internal sealed class SimulatedJob(SimulatedGraph graph, IReadOnlyList<int> parallelism) : IJob
{
    public void Build(JobBuilder job)
    {
        job.Codecs.Add(TokenCodec.Instance);
        var streams = new Streams(graph.Nodes.Count);
        foreach (var node in graph.Nodes)
        {
            int subtasks = parallelism[node.Group];
            if (node.Kind == SimulatedKind.Sink)
            {
                Union(node.First, streams).ToKafka(node.Id, TokenMessages.Instance, (in token, partitions) => (int)(token.Key % partitions)).WithParallelism(subtasks);
                continue;
            }
            var stream = Make(job, node, streams).WithParallelism(subtasks);
            streams.Side[node.Number] = () => stream.SideOutput(PassProcess.Side);
            streams.Main[node.Number] = node.MaxOutOfOrdernessMs is { } ms
                ? stream.WithWatermarks($"{node.Id}.marks", (in Token token) => Token.TimeOf(token), TimeSpan.FromMilliseconds(ms), Timeout.InfiniteTimeSpan).WithParallelism(subtasks)
                    .Process<StampProcess, Token>($"{node.Id}.stamp").WithParallelism(subtasks)
                : stream;
        }
    }

    /// <summary>What the operators so far emit; a side output is there only where it is read.</summary>
    private sealed class Streams(int count)
    {
        public DataStream<Token>?[] Main { get; } = new DataStream<Token>?[count];

        public Func<DataStream<Token>>?[] Side { get; } = new Func<DataStream<Token>>?[count];

        public DataStream<Token> Of(SimulatedInput input) => input.IsSide ? Side[input.From]!() : Main[input.From]!;
    }

    private static DataStream<Token> Make(JobBuilder job, SimulatedNode node, Streams streams) => node.Kind switch
    {
        SimulatedKind.Source => job.FromKafka(node.Id, TokenMessages.Instance),
        SimulatedKind.Pass or SimulatedKind.Spread => Union(node.First, streams).Process<PassProcess, Token>(node.Id),
        SimulatedKind.Count => ByKey(node.First, streams).Process<CountProcess, Token>(node.Id),
        SimulatedKind.CountBoth => ByKey(node.First, streams).Connect(ByKey(node.Second, streams)).Process<CountBothProcess, Token>(node.Id),
        SimulatedKind.Rules => ByKey(node.First, streams).ConnectBroadcast(Union(node.Second, streams)).Process<RulesProcess, Token>(node.Id),
        SimulatedKind.Meet => Union(node.First, streams).Connect(Union(node.Second, streams)).Process<MeetProcess, Token>(node.Id),
        _ => throw new InvalidOperationException($"{node.Kind} makes no stream."),
    };

    private static KeyedStream<long, Token> ByKey(IReadOnlyList<SimulatedInput> inputs, Streams streams) =>
        Join([.. inputs.Select(input => streams.Of(input))]).KeyBy((in Token token) => token.Key);

    private static DataStream<Token> Union(IReadOnlyList<SimulatedInput> inputs, Streams streams) =>
        Join([.. inputs.Select(input => Over(streams.Of(input), input.Edge))]);

    private static DataStream<Token> Join(DataStream<Token>[] streams) => streams[0].Union(streams.AsSpan(1));

    private static DataStream<Token> Over(DataStream<Token> stream, EdgeKind edge) => edge switch
    {
        EdgeKind.Forward => stream,
        EdgeKind.Rebalance => stream.Rebalance(),
        EdgeKind.Custom => stream.Partition((in Token token, int subtasks) => (int)(token.Key % subtasks)),
        EdgeKind.Hash => stream.KeyBy((in Token token) => token.Key),
        EdgeKind.Broadcast => stream.Broadcast(),
        _ => throw new ArgumentOutOfRangeException(nameof(edge), edge, null),
    };
}
