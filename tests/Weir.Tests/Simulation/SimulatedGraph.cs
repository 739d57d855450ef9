using System.Globalization;
using System.Text;
using Weir.Runtime.Graph;

namespace Weir.Tests.Simulation;

/// <summary>What an operator of a simulated job does.</summary>
internal enum SimulatedKind
{
    Source,

    /// <summary>Hands each record on.</summary>
    Pass,

    /// <summary>Makes several of each.</summary>
    Spread,

    /// <summary>Numbers the records of each key.</summary>
    Count,

    /// <summary>Numbers the records of each key, of two inputs together.</summary>
    CountBoth,

    /// <summary>Keyed records, and broadcast ones, of which all subtasks keep the same.</summary>
    Rules,

    /// <summary>Hands on what comes by two inputs, which may have different edges.</summary>
    Meet,

    Sink,
}

/// <summary>Where records of an operator come from, and how.</summary>
internal sealed record SimulatedInput(int From, EdgeKind Edge, bool IsSide = false);

/// <summary>One operator of a simulated job.</summary>
/// <param name="Number">Its number; producers come before consumers.</param>
/// <param name="Kind">What it does.</param>
/// <param name="First">What leads to its first input: a union, where there are several.</param>
/// <param name="Second">What leads to its second input.</param>
/// <param name="Group">Operators of a group have the same number of subtasks.</param>
/// <param name="FanOut">Most records that it makes of one, as a rule.</param>
/// <param name="Burst">How many it makes of one now and then, where it does: many batches.</param>
/// <param name="Rekeys">Whether it changes the keys.</param>
/// <param name="IsLegacy">Whether it is a source that pushes.</param>
internal sealed record SimulatedNode(int Number, SimulatedKind Kind, IReadOnlyList<SimulatedInput> First, IReadOnlyList<SimulatedInput> Second, int Group, int FanOut, int Burst, bool Rekeys, bool IsLegacy)
{
    /// <summary>How much out of order its records may be, in ms, where watermarks are made of them; null where none are.</summary>
    public int? MaxOutOfOrdernessMs { get; init; }

    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"{Kind}-{Number}").ToLowerInvariant();

    public IEnumerable<SimulatedInput> Inputs => First.Concat(Second);

    /// <summary>How many records it makes of one: mostly few, and now and then more than its gates hold. Of one record all operators together make no more than one burst.</summary>
    public int CopiesOf(long seq)
    {
        bool isBurst = Math.Abs(seq) % 199 == 6;
        return Kind != SimulatedKind.Spread ? 1
            : isBurst && Burst > 0 ? Burst
            : !isBurst && Mix(seq, Number) % 97 == 0 ? 40 * FanOut
            : 1 + (int)(Mix(seq, Number) % FanOut);
    }

    /// <summary>Whether it may emit to a side output.</summary>
    public bool HasSide => Kind is SimulatedKind.Pass or SimulatedKind.Spread or SimulatedKind.Count;

    /// <summary>Whether it emits a record to its side output, too.</summary>
    public bool GoesAside(long seq) => Mix(seq, Number + 31) % 3 == 0;

    /// <summary>The way of a record that leaves by the side output.</summary>
    public long PathAside(long path) => Mix(path, -1 - Number);

    public long KeyAfter(long key) => Rekeys ? Mix(key, Number) % 16 : key;

    /// <summary>The way of a record that came by one of its inputs and leaves as one of several copies.</summary>
    public long PathAfter(long path, int input, int copy) => Mix(Mix(path, copy), (Number * 2) + input);

    /// <summary>Which subtask hands a broadcast record on: one of those that got it.</summary>
    public static int SpeakerOf(long seq, int subtasks) => (int)(Mix(seq, 7) % subtasks);

    /// <summary>A number from 0 on that looks like chance, and is the same each time.</summary>
    public static long Mix(long value, long salt)
    {
        unchecked
        {
            ulong mixed = ((ulong)value * 0x9e3779b97f4a7c15) + ((ulong)salt * 0xbf58476d1ce4e5b9) + 0x94d049bb133111eb;
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
            return (long)((mixed ^ (mixed >> 31)) >> 1);
        }
    }
}

/// <summary>A job's graph from a seed: up to six operators between sources and sinks, over every kind of edge.</summary>
internal sealed class SimulatedGraph
{
    private readonly List<SimulatedNode> _nodes = [];
    private readonly Random _chance;

    public SimulatedGraph(Random chance)
    {
        _chance = chance;
        for (int sources = chance.Next(3) == 0 ? 2 : 1; sources > 0; sources--)
        {
            Add(SimulatedKind.Source, [], [], Groups++);
        }
        int operators = chance.Next(1, 7);
        if (operators > 4)
        {
            AddRace();
            operators -= 4;
        }
        for (; operators > 0; operators--)
        {
            AddOperator();
        }
        foreach (var open in _nodes.Where(node => !IsConsumed(node)).ToList())
        {
            var input = new SimulatedInput(open.Number, DrawEdge(EdgeKind.Forward, EdgeKind.Forward, EdgeKind.Hash, EdgeKind.Custom, EdgeKind.Rebalance));
            Add(SimulatedKind.Sink, [input], [], GroupAfter(input));
        }
        AddWatermarks();
    }

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>How many groups of operators there are that may each have a parallelism of their own.</summary>
    public int Groups { get; private set; }

    public bool HasBroadcast => _nodes.Any(HasBroadcastInput);

    public bool HasBroadcastInSeries => _nodes.Any(node => HasBroadcastInput(node) && ComesFrom(node, HasBroadcastInput));

    public bool HasUnion => _nodes.Any(node => node.First.Count > 1);

    public bool HasSideOutput => _nodes.Any(node => node.Inputs.Any(input => input.IsSide));

    public bool HasTwoInputs => _nodes.Any(node => node.Second.Count > 0);

    public bool HasTwice => _nodes.Any(node => node.Inputs.GroupBy(input => input.From).Any(from => from.Count() > 1));

    public bool HasWatermarks => _nodes.Any(node => node.MaxOutOfOrdernessMs is not null);

    /// <summary>The node of an operator, which may be one of several that it is made of: their names go on behind a dot, or, of a side output, behind a colon.</summary>
    public SimulatedNode Find(string id) => _nodes.First(node => node.Id == id.Split('.', ':')[0]);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var node in _nodes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{node.Id} of group {node.Group}: {string.Join(" + ", node.First.Select(Of))}");
            text.AppendLine(node.Second.Count == 0 ? "" : $" and {string.Join(" + ", node.Second.Select(Of))}");
        }
        return text.ToString();

        string Of(SimulatedInput input) => $"{_nodes[input.From].Id}{(input.IsSide ? "'s side" : "")} by {input.Edge}";
    }

    private static bool HasBroadcastInput(SimulatedNode node) => node.Inputs.Any(input => input.Edge == EdgeKind.Broadcast);

    private bool ComesFrom(SimulatedNode node, Func<SimulatedNode, bool> condition) =>
        node.Inputs.Select(input => _nodes[input.From]).Any(from => condition(from) || ComesFrom(from, condition));

    private bool IsConsumed(SimulatedNode node) => _nodes.Any(other => other.Inputs.Any(input => input.From == node.Number && !input.IsSide));

    private void AddOperator()
    {
        switch (_chance.Next(11))
        {
            case < 2:
                AddSingle(SimulatedKind.Pass, EdgeKind.Forward, EdgeKind.Forward, EdgeKind.Rebalance, EdgeKind.Custom, EdgeKind.Hash);
                break;
            case < 4:
                AddSingle(SimulatedKind.Spread, EdgeKind.Forward, EdgeKind.Rebalance, EdgeKind.Custom, EdgeKind.Hash);
                break;
            case < 6:
                AddSingle(SimulatedKind.Count, EdgeKind.Hash);
                break;
            case 6:
                Add(SimulatedKind.CountBoth, DrawInputs(EdgeKind.Hash), DrawInputs(EdgeKind.Hash), Groups++);
                break;
            case 7:
                Add(SimulatedKind.Rules, DrawInputs(EdgeKind.Hash), DrawInputs(EdgeKind.Broadcast), Groups++);
                break;
            case 8:
                var first = DrawInput(EdgeKind.Forward, EdgeKind.Forward, EdgeKind.Rebalance, EdgeKind.Custom, EdgeKind.Hash);
                Add(SimulatedKind.Meet, [first], [DrawInput(EdgeKind.Broadcast, EdgeKind.Broadcast, EdgeKind.Rebalance, EdgeKind.Hash)], GroupAfter(first));
                break;
            default:
                Add(SimulatedKind.Pass, DrawInputs(EdgeKind.Broadcast), [], Groups++);
                break;
        }
    }

    /// <summary>What waits for itself where lateness is not inherited: one that is not late overtakes a late one, and both lead to one that waits for both.</summary>
    private void AddRace()
    {
        int start = _nodes.Count - 1;
        int late = Add(SimulatedKind.Pass, [new SimulatedInput(start, EdgeKind.Broadcast)], [], Groups++);
        int early = Add(SimulatedKind.Spread, [new SimulatedInput(late, EdgeKind.Rebalance), new SimulatedInput(start, EdgeKind.Rebalance)], [], Groups++);
        int behind = Add(SimulatedKind.Pass, [new SimulatedInput(late, EdgeKind.Custom)], [], Groups++);
        Add(SimulatedKind.Pass, [new SimulatedInput(early, EdgeKind.Broadcast), new SimulatedInput(behind, EdgeKind.Broadcast)], [], Groups++);
    }

    private void AddSingle(SimulatedKind kind, params ReadOnlySpan<EdgeKind> edges)
    {
        var inputs = DrawInputs(edges);
        Add(kind, inputs, [], inputs is [var only] ? GroupAfter(only) : Groups++);
    }

    /// <summary>In half of the seeds: behind most sources, and some other operators.</summary>
    private void AddWatermarks()
    {
        if (_chance.Next(2) > 0)
        {
            return;
        }
        foreach (var node in _nodes.Where(node => node.Kind != SimulatedKind.Sink).ToList())
        {
            if (_chance.Next(8) < (node.Kind == SimulatedKind.Source ? 7 : 1))
            {
                _nodes[node.Number] = node with { MaxOutOfOrdernessMs = _chance.Next(400) };
            }
        }
    }

    private int Add(SimulatedKind kind, IReadOnlyList<SimulatedInput> first, IReadOnlyList<SimulatedInput> second, int group)
    {
        int burst = kind == SimulatedKind.Spread && !_nodes.Exists(node => node.Burst > 0) && _chance.Next(5) < 3 ? _chance.Next(500, 3_000) : 0;
        _nodes.Add(new SimulatedNode(_nodes.Count, kind, first, second, group, _chance.Next(1, 5), burst, kind == SimulatedKind.Pass && _chance.Next(3) == 0, kind == SimulatedKind.Source && _chance.Next(4) == 0));
        return _nodes.Count - 1;
    }

    /// <summary>One input, or now and then a union of two, which may be the same twice.</summary>
    private List<SimulatedInput> DrawInputs(params ReadOnlySpan<EdgeKind> edges)
    {
        var inputs = new List<SimulatedInput> { DrawInput(edges) };
        if (_chance.Next(5) == 0)
        {
            inputs.Add(DrawInput(edges));
        }
        return inputs;
    }

    private SimulatedInput DrawInput(params ReadOnlySpan<EdgeKind> edges)
    {
        var open = _nodes.Where(node => !IsConsumed(node)).ToList();
        var from = open.Count > 0 && _chance.Next(5) > 0 ? open[_chance.Next(open.Count)] : _nodes[_chance.Next(_nodes.Count)];
        return new SimulatedInput(from.Number, DrawEdge(edges), from.HasSide && _chance.Next(4) == 0);
    }

    private EdgeKind DrawEdge(params ReadOnlySpan<EdgeKind> edges) => edges[_chance.Next(edges.Length)];

    /// <summary>Subtasks of equal number are joined only where there are as many.</summary>
    private int GroupAfter(SimulatedInput input) => input.Edge == EdgeKind.Forward && _chance.Next(4) > 0 ? _nodes[input.From].Group : Groups++;
}
