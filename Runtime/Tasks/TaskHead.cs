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
    /// <param name="inputs">Its channels.</param>
    /// <param name="pools">Receives the pool of its restored batches, where it has one.</param>
    public abstract Subtask Create(SubtaskParts parts, object chain, IEnumerable<Channel> inputs, ICollection<BatchPool> pools);

    /// <summary>Opens the source that the task begins with.</summary>
    public virtual OpenSource Open(IConnectors connectors, int parallelism) => throw new InvalidOperationException("The task begins with no source.");
}

/// <summary>Of a task whose records come over channels.</summary>
internal sealed class GateHead<T> : TaskHead
{
    public override Subtask Create(SubtaskParts parts, object chain, IEnumerable<Channel> inputs, ICollection<BatchPool> pools)
    {
        Channel<T>[] channels = [.. inputs.Cast<Channel<T>>()];
        var pool = new BatchPool<T>($"{parts.Name}, restored");
        pools.Add(pool);
        var subtask = new GateSubtask<T>(parts, channels, (Collector<T>)chain, new RestoredInput<T>(pool, parts.Record));
        foreach (var channel in channels)
        {
            channel.Consumer = subtask;
        }
        return subtask;
    }
}

/// <summary>Of a task that begins with a source.</summary>
internal sealed class SourceHead<T>(SourceNode<T> source) : TaskHead
{
    public override Subtask Create(SubtaskParts parts, object chain, IEnumerable<Channel> inputs, ICollection<BatchPool> pools) =>
        new SourceSubtask<T>(parts, source.Id, (SourceOutput<T>)chain);

    public override OpenSource Open(IConnectors connectors, int parallelism) => new OpenSource<T>(source.Id, parallelism, source.Open(connectors));
}
