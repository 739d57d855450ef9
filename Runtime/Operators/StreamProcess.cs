namespace Weir;

/// <summary>An operator written by the user. State, if it has some, it declares in its constructor, on the <see cref="OperatorState"/> that is handed to it.</summary>
/// <typeparam name="TIn">What it takes.</typeparam>
/// <typeparam name="TOut">What it emits.</typeparam>
/// <remarks>
/// One is made for each subtask, and one more when the job is built, so the constructor does no I/O. Thread: one at a time.
/// One that is <see cref="IDisposable"/> is disposed at the end of the attempt.
/// </remarks>
public abstract class StreamProcess<TIn, TOut>
{
    /// <summary>Takes one record.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its timestamp, and the way out.</param>
    public abstract void Process(in TIn record, ProcessContext<TOut> context);
}
