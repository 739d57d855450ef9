namespace Weir.Runtime;

/// <summary>A source that is asked for its records: what a connector implements.</summary>
/// <typeparam name="T">The record.</typeparam>
public interface ISplitSource<T> : ISource<T>
{
    /// <summary>Makes the reader of one subtask; reading begins at once, in the background.</summary>
    /// <param name="subtask">Whose it is.</param>
    /// <param name="splits">What it reads, from where.</param>
    /// <param name="wake">To be called, from any thread, when there may be something to poll after <see cref="PollResult.Idle"/>.</param>
    ISplitReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake);
}

/// <summary>Reads some splits for one subtask.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>Thread: the one that steps the subtask. No call blocks.</remarks>
public interface ISplitReader<T> : IDisposable
{
    /// <summary>Emits what has arrived, at most <paramref name="limit"/> records, and not one more once <see cref="SourceOutput{T}.MayEmit"/> is false.</summary>
    /// <exception cref="JobException">The splits can't be read any further.</exception>
    PollResult Poll(SourceOutput<T> output, int limit);

    /// <summary>Adds where each split stands: the record after the last one emitted.</summary>
    void AddPositions(ICollection<SplitPosition> positions);

    /// <summary>Records that are known to lie behind what was emitted; null where that is not known. Thread: any, also after <see cref="IDisposable.Dispose"/>.</summary>
    long? Lag => null;
}

/// <summary>What a poll found.</summary>
public enum PollResult
{
    /// <summary>There is, or may be, more at once.</summary>
    More,

    /// <summary>Nothing now; the reader wakes its subtask.</summary>
    Idle,

    /// <summary>All splits were read to their ends.</summary>
    Finished,
}
