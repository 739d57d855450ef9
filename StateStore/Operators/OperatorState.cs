using Weir.StateStore;

namespace Weir;

/// <summary>What an operator keeps in each subtask, apart from any key. It is declared in the operator's constructor, and belongs to one subtask.</summary>
/// <remarks>
/// Thread: the one that steps the subtask. It is meant for little: positions, rules, settings; all of it is encoded while the records wait for the
/// snapshot. What is much belongs into <see cref="KeyedState"/>.
/// </remarks>
public sealed partial class OperatorState
{
    /// <summary>Declares a list; where the number of subtasks changes, the entries of all are dealt anew in turn.</summary>
    /// <typeparam name="T">Has a codec in the registry.</typeparam>
    /// <param name="name">Its name in checkpoints, given once within the operator and kept for ever.</param>
    /// <exception cref="ArgumentException">The name was given already, or the type has no codec.</exception>
    public OperatorList<T> List<T>(string name) => DeclareList<T>(name, OperatorStateKind.List);

    /// <summary>Declares a list of which every subtask gets the entries of all when it is restored.</summary>
    /// <inheritdoc cref="List{T}(string)"/>
    public OperatorList<T> UnionList<T>(string name) => DeclareList<T>(name, OperatorStateKind.Union);

    /// <summary>Declares what is the same in all subtasks, since they all make it of the same broadcast records.</summary>
    /// <typeparam name="TKey">Has a codec in the registry, and is equal where its bytes are.</typeparam>
    /// <typeparam name="TValue">Has a codec in the registry.</typeparam>
    /// <param name="name">Its name in checkpoints, given once within the operator and kept for ever.</param>
    /// <exception cref="ArgumentException">The name was given already, or a type has no codec.</exception>
    public BroadcastState<TKey, TValue> Broadcast<TKey, TValue>(string name)
        where TKey : notnull
    {
        var state = new BroadcastState<TKey, TValue>(_codecs.Of<TKey>(), _codecs.Of<TValue>());
        Add(new OperatorStateDeclaration(name, OperatorStateKind.Broadcast, _codecs.Of<TValue>().Id, _codecs.Of<TKey>().Id), state);
        return state;
    }

    private OperatorList<T> DeclareList<T>(string name, OperatorStateKind kind)
    {
        var state = new OperatorList<T>(_codecs.Of<T>());
        Add(new OperatorStateDeclaration(name, kind, _codecs.Of<T>().Id), state);
        return state;
    }
}
