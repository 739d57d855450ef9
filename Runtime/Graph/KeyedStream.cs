using System.Diagnostics.CodeAnalysis;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;

namespace Weir;

/// <summary>A stream whose next operator gets all records of a key in one subtask, and may keep state for each key.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">The record.</typeparam>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of records is what it is; it has nothing of System.IO.")]
public sealed class KeyedStream<TKey, T> : DataStream<T>
{
    internal KeyedStream(JobGraph graph, StreamPart<T>[] parts, KeyPartitioning<TKey, T> keys)
        : base(graph, parts) => Keys = keys;

    internal KeyPartitioning<TKey, T> Keys { get; }

    /// <summary>Hands each record to an operator of the user's, which has state for each key.</summary>
    /// <typeparam name="TProcess">The operator; one is made for each subtask, by the host's services, the subtask's <see cref="KeyedState"/>, <see cref="OperatorState"/> and <see cref="SubtaskInfo"/>.</typeparam>
    /// <typeparam name="TOut">What it emits.</typeparam>
    /// <param name="id">Unique within the job: by it the state is restored.</param>
    public new DataStream<TOut> Process<TProcess, TOut>(string id)
        where TProcess : KeyedProcess<TKey, T, TOut> =>
        AddProcess(id, ProcessFactory<TProcess>.Make);

    /// <summary>Joins this stream and another that is keyed alike, for an operator that takes both and may keep state for each key.</summary>
    public KeyedConnectedStreams<TKey, T, TOther> Connect<TOther>(KeyedStream<TKey, TOther> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new KeyedConnectedStreams<TKey, T, TOther>(this, other);
    }

    /// <summary>Joins this stream and one whose records go to all subtasks, for an operator that takes both and may keep state for each key of this one.</summary>
    /// <param name="broadcast">A stream without keys, <see cref="DataStream{T}.Broadcast"/> as a rule.</param>
    public BroadcastConnectedStreams<TKey, T, TBroadcast> ConnectBroadcast<TBroadcast>(DataStream<TBroadcast> broadcast)
    {
        ArgumentNullException.ThrowIfNull(broadcast);
        return new BroadcastConnectedStreams<TKey, T, TBroadcast>(this, broadcast);
    }

    /// <summary>Gathers the records of each key, and emits what was gathered after each record.</summary>
    /// <param name="id">Unique within the job: by it the state is restored.</param>
    /// <param name="initial">What a key has before its first record.</param>
    /// <param name="add">Adds a record to what was gathered so far.</param>
    /// <param name="result">Makes the record to emit.</param>
    public DataStream<TOut> Aggregate<TState, TOut>(string id, TState initial, Func<TState, T, TState> add, Func<TKey, TState, TOut> result)
    {
        ArgumentNullException.ThrowIfNull(add);
        return Aggregate(id, initial, (TState accumulated, in T record) => add(accumulated, record), result);
    }

    /// <summary>Gathers the records of each key, read in place, and emits what was gathered after each record.</summary>
    /// <param name="id">Unique within the job: by it the state is restored.</param>
    /// <param name="initial">What a key has before its first record.</param>
    /// <param name="add">Adds a record to what was gathered so far.</param>
    /// <param name="result">Makes the record to emit.</param>
    public DataStream<TOut> Aggregate<TState, TOut>(string id, TState initial, AccumulateFunc<TState, T> add, Func<TKey, TState, TOut> result)
    {
        ArgumentNullException.ThrowIfNull(add);
        ArgumentNullException.ThrowIfNull(result);
        return AddProcess<TOut>(id, parts => new AggregateProcess<TKey, T, TState, TOut>(parts.Keyed!, initial, add, result));
    }

    private DataStream<TOut> AddProcess<TOut>(string id, MakeProcess<KeyedProcess<TKey, T, TOut>> make)
    {
        ArgumentNullException.ThrowIfNull(id);
        var node = new KeyedProcessNode<TKey, T, TOut>(Keys, make) { GivenId = id };
        return AddTransform(node, node.Output);
    }
}
