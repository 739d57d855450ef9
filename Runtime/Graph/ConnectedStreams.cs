using Weir.Runtime.Graph;
using Weir.Runtime.Operators;

namespace Weir;

/// <summary>Two streams of different records, for an operator that takes both.</summary>
/// <typeparam name="TFirst">The records of the first.</typeparam>
/// <typeparam name="TSecond">The records of the second.</typeparam>
public sealed class ConnectedStreams<TFirst, TSecond>
{
    private readonly DataStream<TFirst> _first;
    private readonly DataStream<TSecond> _second;

    internal ConnectedStreams(DataStream<TFirst> first, DataStream<TSecond> second)
    {
        _first = first;
        _second = second;
    }

    /// <summary>Hands the records of both to an operator of the user's.</summary>
    /// <typeparam name="TProcess">The operator; one is made for each subtask, by the host's services, the subtask's <see cref="OperatorState"/> and its <see cref="SubtaskInfo"/>.</typeparam>
    /// <typeparam name="TOut">What it emits.</typeparam>
    /// <param name="id">Unique within the job: by it the state is restored.</param>
    public DataStream<TOut> Process<TProcess, TOut>(string id)
        where TProcess : CoProcess<TFirst, TSecond, TOut>
    {
        ArgumentNullException.ThrowIfNull(id);
        var node = new CoProcessNode<TFirst, TSecond, TOut>(ProcessFactory<TProcess>.Make) { GivenId = id };
        return _first.AddTwoInputs(_second, node, node.Output);
    }
}

/// <summary>Two streams of different records that are keyed alike, for an operator that takes both and may keep state for each key.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TFirst">The records of the first.</typeparam>
/// <typeparam name="TSecond">The records of the second.</typeparam>
public sealed class KeyedConnectedStreams<TKey, TFirst, TSecond>
{
    private readonly KeyedStream<TKey, TFirst> _first;
    private readonly KeyedStream<TKey, TSecond> _second;

    internal KeyedConnectedStreams(KeyedStream<TKey, TFirst> first, KeyedStream<TKey, TSecond> second)
    {
        _first = first;
        _second = second;
    }

    /// <summary>Hands the records of both to an operator of the user's, which has state for each key.</summary>
    /// <typeparam name="TProcess">The operator; one is made for each subtask, by the host's services, the subtask's <see cref="KeyedState"/>, <see cref="OperatorState"/> and <see cref="SubtaskInfo"/>.</typeparam>
    /// <typeparam name="TOut">What it emits.</typeparam>
    /// <param name="id">Unique within the job: by it the state is restored.</param>
    public DataStream<TOut> Process<TProcess, TOut>(string id)
        where TProcess : KeyedCoProcess<TKey, TFirst, TSecond, TOut>
    {
        ArgumentNullException.ThrowIfNull(id);
        var node = new KeyedCoProcessNode<TKey, TFirst, TSecond, TOut>(_first.Keys, _second.Keys, ProcessFactory<TProcess>.Make) { GivenId = id };
        return _first.AddTwoInputs(_second, node, node.Output);
    }
}

/// <summary>A keyed stream and another one without keys, for an operator that takes both: the second one's records are the first one's rules.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">The records of the keyed stream.</typeparam>
/// <typeparam name="TBroadcast">The records of the other one.</typeparam>
public sealed class BroadcastConnectedStreams<TKey, T, TBroadcast>
{
    private readonly KeyedStream<TKey, T> _keyed;
    private readonly DataStream<TBroadcast> _broadcast;

    internal BroadcastConnectedStreams(KeyedStream<TKey, T> keyed, DataStream<TBroadcast> broadcast)
    {
        _keyed = keyed;
        _broadcast = broadcast;
    }

    /// <summary>Hands the records of both to an operator of the user's, which has state for each key, and state that is the same in all subtasks.</summary>
    /// <typeparam name="TProcess">The operator; one is made for each subtask, by the host's services, the subtask's <see cref="KeyedState"/>, <see cref="OperatorState"/> and <see cref="SubtaskInfo"/>.</typeparam>
    /// <typeparam name="TOut">What it emits.</typeparam>
    /// <param name="id">Unique within the job: by it the state is restored.</param>
    public DataStream<TOut> Process<TProcess, TOut>(string id)
        where TProcess : KeyedBroadcastProcess<TKey, T, TBroadcast, TOut>
    {
        ArgumentNullException.ThrowIfNull(id);
        var node = new KeyedBroadcastProcessNode<TKey, T, TBroadcast, TOut>(_keyed.Keys, ProcessFactory<TProcess>.Make) { GivenId = id };
        return _keyed.AddTwoInputs(_broadcast, node, node.Output);
    }
}
