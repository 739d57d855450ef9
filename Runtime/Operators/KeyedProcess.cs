namespace Weir;

/// <summary>An operator with state for each key, written by the user. It declares its states in its constructor, on the <see cref="KeyedState"/> that is handed to it.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TIn">What it takes.</typeparam>
/// <typeparam name="TOut">What it emits.</typeparam>
/// <remarks>
/// One is made for each subtask, and one more when the job is built, so the constructor does no I/O. Thread: one at a time.
/// One that is <see cref="IDisposable"/> is disposed at the end of the attempt.
/// </remarks>
public abstract class KeyedProcess<TKey, TIn, TOut>
{
    /// <summary>Takes one record. State is that of the record's key.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its key and timestamp, and the way out.</param>
    public abstract void Process(in TIn record, KeyedContext<TKey, TOut> context);
}
