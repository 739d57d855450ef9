namespace Weir.Runtime;

/// <summary>A source that pushes its records from a thread of its own: for clients that can't be asked without blocking, and for code that was written that way.</summary>
/// <typeparam name="T">The record.</typeparam>
public interface ILegacySource<T> : ISource<T>
{
    /// <summary>Makes the reader of one subtask; its <see cref="ILegacyReader{T}.Run"/> is called when the job begins to process.</summary>
    /// <param name="subtask">Whose it is.</param>
    /// <param name="splits">What it reads, from where.</param>
    ILegacyReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits);
}

/// <summary>Reads some splits for one subtask, and pushes what it reads.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>
/// The one rule: a record is emitted and the position moved past it <b>under the same hold</b>. Checkpoints are taken between holds; a position that moves before
/// or after one loses the record, or repeats it, when a checkpoint comes between. To wait for input, do so outside of a hold.
/// <code>
/// while (!cancellation.IsCancellationRequested)
/// {
///     var message = client.Receive(cancellation);      // may block: nothing is held
///     using var hold = context.Hold();                 // waits for room, so back-pressure ends here
///     hold.Emit(Parse(message));
///     _position = message.Number + 1;                  // before the hold ends
/// }
/// </code>
/// </remarks>
public interface ILegacyReader<T> : IDisposable
{
    /// <summary>Reads and pushes, until all was read or it is cancelled. On a thread of its own; may block. An exception fails the attempt.</summary>
    /// <param name="context">Where records go.</param>
    /// <param name="cancellation">The attempt ends: return soon. A hold that waits throws <see cref="OperationCanceledException"/>, which may be let through.</param>
    void Run(LegacyContext<T> context, CancellationToken cancellation);

    /// <summary>Adds where each split stands: the record after the last one emitted. Never while something is held, from any thread; must not block.</summary>
    void AddPositions(ICollection<SplitPosition> positions);

    /// <summary>Records that are known to lie behind what was emitted; null where that is not known. Any thread, also after <see cref="IDisposable.Dispose"/>.</summary>
    long? Lag => null;
}
