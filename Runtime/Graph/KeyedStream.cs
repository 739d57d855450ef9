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
    private readonly KeyPartitioning<TKey, T> _keys;

    internal KeyedStream(JobGraph graph, StreamPart<T>[] parts, KeyPartitioning<TKey, T> keys)
        : base(graph, parts) => _keys = keys;

    /// <summary>Hands each record to an operator of the user's, which has state for each key.</summary>
    /// <typeparam name="TProcess">The operator; one is made for each subtask, by the host's services and the subtask's <see cref="KeyedState"/>.</typeparam>
    /// <typeparam name="TOut">What it emits.</typeparam>
    /// <param name="id">Unique within the job: by it the state is restored.</param>
    public DataStream<TOut> Process<TProcess, TOut>(string id)
        where TProcess : KeyedProcess<TKey, T, TOut> =>
        AddProcess(id, ProcessFactory<TProcess>.Make);

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
        return AddProcess<TOut>(id, (_, state) => new AggregateProcess<TKey, T, TState, TOut>(state, initial, add, result));
    }

    private DataStream<TOut> AddProcess<TOut>(string id, MakeProcess<TKey, T, TOut> make)
    {
        ArgumentNullException.ThrowIfNull(id);
        var node = new KeyedNode<TKey, T, TOut>(_keys, make) { GivenId = id };
        return AddTransform(node, node.Output);
    }
}
