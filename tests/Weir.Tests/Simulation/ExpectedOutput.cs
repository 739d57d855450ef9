using System.Runtime.InteropServices;
using Weir.Runtime.Graph;

namespace Weir.Tests.Simulation;

/// <summary>What a simulated job must write, whatever happened to it: worked out without any engine.</summary>
internal sealed class ExpectedOutput
{
    private readonly Dictionary<(long Seq, long Path), int>[] _atSink;
    private readonly Dictionary<(int Node, long Key), int> _counted = [];
    private readonly Dictionary<(int Node, long Key), int> _shown = [];
    private readonly Dictionary<int, (long Count, long Sum)> _broadcast = [];
    private readonly HashSet<long>[] _orderedPaths;
    private readonly Dictionary<long, (int Source, long Key)> _first = [];
    private readonly SimulatedGraph _graph;

    /// <param name="graph">The job.</param>
    /// <param name="input">What each source has.</param>
    public ExpectedOutput(SimulatedGraph graph, Func<SimulatedNode, IEnumerable<Token>> input)
    {
        _graph = graph;
        _atSink = new Dictionary<(long, long), int>[graph.Nodes.Count];
        _orderedPaths = new HashSet<long>[graph.Nodes.Count];
        var made = new Made[graph.Nodes.Count];
        foreach (var node in graph.Nodes)
        {
            made[node.Number] = new Made([], []);
            var ways = made[node.Number].Main;
            if (node.Kind == SimulatedKind.Source)
            {
                foreach (var token in input(node))
                {
                    _first.Add(token.Seq, (node.Number, token.Key));
                    ways.Add(new Way(token.Seq, token.Key, token.Path, default, IsOrdered: true));
                }
            }
            Pass(node, node.First, 0, made);
            Pass(node, node.Second, 1, made);
            Work += ways.Count + made[node.Number].Side.Count;
            if (node.Kind == SimulatedKind.Sink)
            {
                Arrive(node, ways);
            }
        }
    }

    /// <summary>Records that all operators make together.</summary>
    public int Work { get; }

    /// <summary>Every record as often as it must be there, in order where that is promised, counted right, with its own bytes.</summary>
    /// <param name="output">What each sink wrote, partition by partition.</param>
    public void Check(Func<SimulatedNode, IEnumerable<(Token Token, byte[] Body)>> output)
    {
        var counts = _shown.ToDictionary(shown => shown.Key, _ => new Dictionary<long, long>());
        foreach (var sink in _graph.Nodes.Where(node => node.Kind == SimulatedKind.Sink))
        {
            var left = new Dictionary<(long Seq, long Path), int>(_atSink[sink.Number]);
            var last = new Dictionary<((int Source, long Key) First, long Path), (long Seq, long Rules)>();
            foreach (var (token, body) in output(sink))
            {
                int still = left.GetValueOrDefault((token.Seq, token.Path));
                Demand.That(still > 0, $"{sink.Id}: record {token.Seq} by way {token.Path} is there once too often");
                left[(token.Seq, token.Path)] = still - 1;
                Demand.That(body.AsSpan().IndexOfAnyExcept((byte)token.Seq) < 0, $"{sink.Id}: the bytes of {token.Seq} are another record's");
                if (_orderedPaths[sink.Number].Contains(token.Path))
                {
                    // Sources and keys may have been merged, so a record is compared with those that began like it.
                    var first = _first[token.Seq];
                    var before = last.GetValueOrDefault((first, token.Path), (-1, -1));
                    Demand.That(before.Seq < token.Seq, $"{sink.Id}: of key {first}, {token.Seq} comes after {before.Seq}");
                    Demand.That(before.Rules <= token.Rules, $"{sink.Id}: of key {first}, {token.Seq} was told of {token.Rules} broadcast records, {before.Seq} before it of {before.Rules}");
                    last[(first, token.Path)] = (token.Seq, token.Rules);
                }
                if (token.CountedBy > 0)
                {
                    var seen = counts[((int)token.CountedBy, token.CountedKey)];
                    Demand.That(seen.TryAdd(token.Count, token.Seq) || seen[token.Count] == token.Seq, $"{sink.Id}: {token.Seq} and {seen[token.Count]} both are number {token.Count} of key {token.CountedKey}");
                }
            }
            int missing = left.Values.Sum();
            Demand.That(missing == 0, $"{sink.Id}: {missing} of {_atSink[sink.Number].Values.Sum()} records are missing, the first of them {left.FirstOrDefault(one => one.Value > 0).Key}");
        }
        foreach (var ((node, key), seen) in counts)
        {
            int expected = _shown[(node, key)];
            Demand.That(seen.Count == expected && seen.Keys.Max() == expected, $"{_graph.Nodes[node].Id}: key {key} was counted to {seen.Keys.Max()} in {seen.Count} steps, and has {expected} records");
        }
    }

    /// <summary>Every subtask of an operator with broadcast records saw each of them once.</summary>
    public void Check(BroadcastLedger ledger)
    {
        foreach (var ((id, subtask), seen) in ledger.Seen)
        {
            Assert.Equal((id, subtask, _broadcast[_graph.Find(id).Number]), (id, subtask, seen));
        }
    }

    private void Arrive(SimulatedNode sink, List<Way> ways)
    {
        var times = _atSink[sink.Number] = [];
        var ordered = _orderedPaths[sink.Number] = [];
        foreach (var way in ways)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(times, (way.Seq, way.Path), out _)++;
            if (way.IsOrdered)
            {
                ordered.Add(way.Path);
            }
            if (way.Counted != default)
            {
                _shown[way.Counted] = _counted[way.Counted];
            }
        }
    }

    private void Pass(SimulatedNode node, IReadOnlyList<SimulatedInput> inputs, int number, Made[] made)
    {
        bool isTwice = inputs.Select(input => input.From).Distinct().Count() < inputs.Count;
        foreach (var input in inputs)
        {
            bool isOrdered = !isTwice && IsOrdered(input, node);
            foreach (var way in input.IsSide ? made[input.From].Side : made[input.From].Main)
            {
                Pass(node, way with { IsOrdered = way.IsOrdered && isOrdered }, number, made[node.Number]);
            }
        }
    }

    private bool IsOrdered(SimulatedInput input, SimulatedNode to) =>
        input.Edge is EdgeKind.Hash or EdgeKind.Custom || (input.Edge == EdgeKind.Forward && _graph.Nodes[input.From].Group == to.Group);

    private void Pass(SimulatedNode node, Way way, int input, Made output)
    {
        bool isBroadcast = node.Kind == SimulatedKind.Rules && input == 1;
        if (isBroadcast)
        {
            var (count, sum) = _broadcast.GetValueOrDefault(node.Number);
            _broadcast[node.Number] = (count + 1, unchecked(sum + BroadcastLedger.Of(new Token { Seq = way.Seq, Path = way.Path })));
        }
        if (node.HasSide && node.GoesAside(way.Seq))
        {
            output.Side.Add(way with { Path = node.PathAside(way.Path), Counted = default });
        }
        if (node.Kind is SimulatedKind.Count or SimulatedKind.CountBoth || (node.Kind == SimulatedKind.Rules && !isBroadcast))
        {
            var counted = (node.Number, way.Key);
            CollectionsMarshal.GetValueRefOrAddDefault(_counted, counted, out _)++;
            way = way with { Counted = counted };
        }
        if (node.Kind == SimulatedKind.Sink)
        {
            output.Main.Add(way);
            return;
        }
        for (int copy = 0; copy < node.CopiesOf(way.Seq); copy++)
        {
            output.Main.Add(way with { Key = node.KeyAfter(way.Key), Path = node.PathAfter(way.Path, input, copy) });
        }
    }

    /// <summary>What an operator emits.</summary>
    private readonly record struct Made(List<Way> Main, List<Way> Side);

    private readonly record struct Way(long Seq, long Key, long Path, (int Node, long Key) Counted, bool IsOrdered);
}
