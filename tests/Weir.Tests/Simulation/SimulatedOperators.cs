using Weir.Runtime.Graph;

namespace Weir.Tests.Simulation;

/// <summary>What the operators of a simulated job ask their host for.</summary>
internal sealed class SimulatedServices(SimulatedGraph graph, BroadcastLedger ledger, WatermarkLedger watermarks) : IServiceProvider
{
    public object? GetService(Type serviceType) =>
        serviceType == typeof(SimulatedGraph) ? graph
        : serviceType == typeof(BroadcastLedger) ? ledger
        : serviceType == typeof(WatermarkLedger) ? watermarks
        : null;
}

/// <summary>What the subtasks of operators with a broadcast input had seen of it when they ended.</summary>
internal sealed class BroadcastLedger
{
    private readonly Dictionary<(string Operator, int Subtask), (long Count, long Sum)> _seen = [];

    public IReadOnlyDictionary<(string Operator, int Subtask), (long Count, long Sum)> Seen => _seen;

    public void Clear() => _seen.Clear();

    public void Note(SubtaskInfo subtask, long count, long sum) => _seen[(subtask.Operator, subtask.Index)] = (count, sum);

    /// <summary>What a record adds to the sum: a record that is missing or there twice shows.</summary>
    public static long Of(in Token token) => unchecked(SimulatedNode.Mix(token.Seq, token.Path) | 1);
}

internal sealed class PassProcess(SimulatedGraph graph, WatermarkLedger watermarks, SubtaskInfo subtask) : StreamProcess<Token, Token>
{
    private readonly SimulatedNode _node = graph.Find(subtask.Operator);

    public static OutputTag<Token> Side { get; } = new("side");

    /// <summary>One that is counted no more: of what was counted before, only some goes this way.</summary>
    public static Token Aside(in Token record, SimulatedNode node) => record with { Path = node.PathAside(record.Path), CountedBy = 0 };

    public override void Process(in Token record, ProcessContext<Token> context)
    {
        watermarks.See(subtask, record, context.Timestamp, context.Watermark);
        if (_node.First[0].Edge == EdgeKind.Broadcast && SimulatedNode.SpeakerOf(record.Seq, subtask.Parallelism) != subtask.Index)
        {
            return;
        }
        if (context.IsRead(Side) && _node.GoesAside(record.Seq))
        {
            context.Emit(Side, Aside(record, _node));
        }
        for (int copy = 0; copy < _node.CopiesOf(record.Seq); copy++)
        {
            context.Emit(record with { Key = _node.KeyAfter(record.Key), Path = _node.PathAfter(record.Path, 0, copy) });
        }
    }
}

/// <summary>Stands behind what gives records their time, and says of each whether it was on time there.</summary>
internal sealed class StampProcess(WatermarkLedger watermarks) : StreamProcess<Token, Token>
{
    public override void Process(in Token record, ProcessContext<Token> context)
    {
        bool isLate = context.Timestamp <= context.Watermark;
        watermarks.Stamp(isLate);
        context.Emit(record with { IsOnTime = !isLate });
    }
}

internal sealed class CountProcess(SimulatedGraph graph, WatermarkLedger watermarks, SubtaskInfo subtask, KeyedState state) : KeyedProcess<long, Token, Token>
{
    private readonly SimulatedNode _node = graph.Find(subtask.Operator);
    private readonly ValueState<long> _count = state.Value<long>("count");

    public override void Process(in Token record, KeyedContext<long, Token> context)
    {
        watermarks.See(subtask, record, context.Timestamp, context.Watermark);
        if (context.IsRead(PassProcess.Side) && _node.GoesAside(record.Seq))
        {
            context.Emit(PassProcess.Side, PassProcess.Aside(record, _node));
        }
        context.Emit(Counted(record, _node, 0, _count));
    }

    public static Token Counted(in Token record, SimulatedNode node, int input, ValueState<long> count) =>
        record with { CountedBy = node.Number, CountedKey = record.Key, Count = ++count.Value, Path = node.PathAfter(record.Path, input, 0) };
}

internal sealed class CountBothProcess(SimulatedGraph graph, WatermarkLedger watermarks, SubtaskInfo subtask, KeyedState state) : KeyedCoProcess<long, Token, Token, Token>
{
    private readonly SimulatedNode _node = graph.Find(subtask.Operator);
    private readonly ValueState<long> _count = state.Value<long>("count");

    public override void ProcessFirst(in Token record, KeyedContext<long, Token> context)
    {
        watermarks.See(subtask, record, context.Timestamp, context.Watermark);
        context.Emit(CountProcess.Counted(record, _node, 0, _count));
    }

    public override void ProcessSecond(in Token record, KeyedContext<long, Token> context)
    {
        watermarks.See(subtask, record, context.Timestamp, context.Watermark);
        context.Emit(CountProcess.Counted(record, _node, 1, _count));
    }
}

internal sealed class RulesProcess(SimulatedGraph graph, BroadcastLedger ledger, WatermarkLedger watermarks, SubtaskInfo subtask, KeyedState state, OperatorState apart)
    : KeyedBroadcastProcess<long, Token, Token, Token>, IDisposable
{
    private const string Count = "count";
    private const string Sum = "sum";

    private readonly SimulatedNode _node = graph.Find(subtask.Operator);
    private readonly ValueState<long> _count = state.Value<long>("count");
    private readonly BroadcastState<string, long> _seen = apart.Broadcast<string, long>("seen");

    public override void Process(in Token record, KeyedContext<long, Token> context)
    {
        watermarks.See(subtask, record, context.Timestamp, context.Watermark);
        context.Emit(CountProcess.Counted(record, _node, 0, _count) with { Rules = _seen[Count] });
    }

    public override void ProcessBroadcast(in Token record, ProcessContext<Token> context)
    {
        watermarks.See(subtask, record, context.Timestamp, context.Watermark);
        _seen[Count]++;
        _seen[Sum] = unchecked(_seen[Sum] + BroadcastLedger.Of(record));
        if (SimulatedNode.SpeakerOf(record.Seq, subtask.Parallelism) == subtask.Index)
        {
            context.Emit(record with { Path = _node.PathAfter(record.Path, 1, 0) });
        }
    }

    public void Dispose() => ledger.Note(subtask, _seen[Count], _seen[Sum]);
}

internal sealed class MeetProcess(SimulatedGraph graph, WatermarkLedger watermarks, SubtaskInfo subtask) : CoProcess<Token, Token, Token>
{
    private readonly SimulatedNode _node = graph.Find(subtask.Operator);

    public override void ProcessFirst(in Token record, ProcessContext<Token> context)
    {
        watermarks.See(subtask, record, context.Timestamp, context.Watermark);
        context.Emit(record with { Path = _node.PathAfter(record.Path, 0, 0) });
    }

    public override void ProcessSecond(in Token record, ProcessContext<Token> context)
    {
        watermarks.See(subtask, record, context.Timestamp, context.Watermark);
        if (_node.Second[0].Edge != EdgeKind.Broadcast || SimulatedNode.SpeakerOf(record.Seq, subtask.Parallelism) == subtask.Index)
        {
            context.Emit(record with { Path = _node.PathAfter(record.Path, 1, 0) });
        }
    }
}
