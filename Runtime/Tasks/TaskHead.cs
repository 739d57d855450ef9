using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;

namespace Weir.Runtime.Tasks;

/// <summary>Makes what a task's subtasks begin with; knows the type of record that enters the task.</summary>
/// <remarks>
/// Made by the task's first operator, which has that type: code that is compiled ahead then holds the record path for users' types. Behind a generic virtual
/// method it would not, and a job would take its first quarter of a second in code that is not optimised.
/// </remarks>
internal abstract class TaskHead
{
    /// <summary>Makes a subtask.</summary>
    /// <param name="parts">What it is made of.</param>
    /// <param name="chain">Where records enter its operators.</param>
    /// <param name="inputs">The channels of each of its inputs.</param>
    /// <param name="pools">Receives the pools of its restored batches, where it has some.</param>
    public abstract Subtask Create(SubtaskParts parts, object chain, ILookup<int, Channel> inputs, ICollection<BatchPool> pools);

    /// <summary>Opens the source that the task begins with.</summary>
    public virtual OpenSource Open(IConnectors connectors, int parallelism) => throw new InvalidOperationException("The task begins with no source.");

    /// <summary>The keyed state that hashes of incoming records belong to: that of the first operator, if it has some.</summary>
    protected static KeyedState? StateOf(SubtaskParts parts) => parts.Operators is [{ State: { } state }, ..] ? state : null;
}

/// <summary>Of a task whose records come over channels.</summary>
internal sealed class GateHead<T> : TaskHead
{
    public override Subtask Create(SubtaskParts parts, object chain, ILookup<int, Channel> inputs, ICollection<BatchPool> pools) =>
        new GateSubtask(parts, CreateGate(parts, (Collector<T>)chain, StateOf(parts), inputs[0], pools));

    /// <summary>Makes the gate of one input.</summary>
    public static InputGate<T> CreateGate(SubtaskParts parts, Collector<T> head, KeyedState? state, IEnumerable<Channel> channels, ICollection<BatchPool> pools)
    {
        var pool = new BatchPool<T>($"{parts.Name}, restored", parts.Channels);
        pools.Add(pool);
        return new InputGate<T>([.. channels.Cast<Channel<T>>()], head, state, parts.Record, pool);
    }
}

/// <summary>Of a task whose first operator has two inputs.</summary>
internal sealed class TwoGateHead<TFirst, TSecond> : TaskHead
{
    public override Subtask Create(SubtaskParts parts, object chain, ILookup<int, Channel> inputs, ICollection<BatchPool> pools)
    {
        var head = (TwoInputOperator<TFirst, TSecond>)chain;
        var state = StateOf(parts);
        return new GateSubtask(
            parts,
            GateHead<TFirst>.CreateGate(parts, head.First, state, inputs[0], pools),
            GateHead<TSecond>.CreateGate(parts, head.Second, head.SecondHasKeys ? state : null, inputs[1], pools));
    }
}

/// <summary>Of a task that begins with a source.</summary>
internal sealed class SourceHead<T>(SourceNode<T> source) : TaskHead
{
    public override Subtask Create(SubtaskParts parts, object chain, ILookup<int, Channel> inputs, ICollection<BatchPool> pools) =>
        new SourceSubtask<T>(parts, source.Id, (SourceOutput<T>)chain);

    public override OpenSource Open(IConnectors connectors, int parallelism) => new OpenSource<T>(source.Id, parallelism, source.Open(connectors));
}
