namespace Weir;

/// <summary>An operator with two inputs, written by the user.</summary>
/// <typeparam name="TFirst">What its first input takes.</typeparam>
/// <typeparam name="TSecond">What its second input takes.</typeparam>
/// <typeparam name="TOut">What it emits.</typeparam>
/// <remarks>As <see cref="StreamProcess{TIn, TOut}"/>. In which order the records of its two inputs come is open.</remarks>
public abstract class CoProcess<TFirst, TSecond, TOut>
{
    /// <summary>Takes one record of the first input.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its timestamp, and the way out.</param>
    public abstract void ProcessFirst(in TFirst record, ProcessContext<TOut> context);

    /// <summary>Takes one record of the second input.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its timestamp, and the way out.</param>
    public abstract void ProcessSecond(in TSecond record, ProcessContext<TOut> context);
}

/// <summary>An operator with two inputs that are keyed alike, and state for each key, written by the user.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TFirst">What its first input takes.</typeparam>
/// <typeparam name="TSecond">What its second input takes.</typeparam>
/// <typeparam name="TOut">What it emits.</typeparam>
/// <remarks>As <see cref="KeyedProcess{TKey, TIn, TOut}"/>. In which order the records of its two inputs come is open, also those of one key.</remarks>
public abstract class KeyedCoProcess<TKey, TFirst, TSecond, TOut>
{
    /// <summary>Takes one record of the first input. State is that of the record's key.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its key and timestamp, and the way out.</param>
    public abstract void ProcessFirst(in TFirst record, KeyedContext<TKey, TOut> context);

    /// <summary>Takes one record of the second input. State is that of the record's key.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its key and timestamp, and the way out.</param>
    public abstract void ProcessSecond(in TSecond record, KeyedContext<TKey, TOut> context);
}

/// <summary>An operator with state for each key of its first input, and a second one whose records have none: all subtasks get them, as rules for the first.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TIn">What its first input takes.</typeparam>
/// <typeparam name="TBroadcast">What its second input takes.</typeparam>
/// <typeparam name="TOut">What it emits.</typeparam>
/// <remarks>
/// As <see cref="KeyedProcess{TKey, TIn, TOut}"/>. What it keeps of broadcast records belongs into a <see cref="BroadcastState{TKey, TValue}"/>,
/// of the <see cref="OperatorState"/> that its constructor asks for.
/// </remarks>
public abstract class KeyedBroadcastProcess<TKey, TIn, TBroadcast, TOut>
{
    /// <summary>Takes one record. State is that of the record's key.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its key and timestamp, and the way out.</param>
    public abstract void Process(in TIn record, KeyedContext<TKey, TOut> context);

    /// <summary>Takes one broadcast record. It has no key, so keyed state can't be read or set.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its timestamp, and the way out.</param>
    public abstract void ProcessBroadcast(in TBroadcast record, ProcessContext<TOut> context);
}
