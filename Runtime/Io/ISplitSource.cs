namespace Weir.Runtime;

/// <summary>A source that is divided into splits, each read by one subtask: what a connector implements.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>One is opened for each attempt of the job, and disposed with it.</remarks>
public interface ISplitSource<T> : IAsyncDisposable
{
    /// <summary>Whether a first start begins where the job's own consumer group stands: then its offsets, found without a pointer, are no riddle. False by default.</summary>
    bool StartsFromOwnGroup => false;

    /// <summary>The log it reads, once its splits were discovered or resumed; null (the default) where nothing tells a log from one that took its place.</summary>
    LogIdentity? Log => null;

    /// <summary>Finds all splits of a job that starts for the first time, with the position where each begins, as a number.</summary>
    /// <exception cref="JobException">The source can't be reached, does not exist, or may not be read.</exception>
    Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation);

    /// <summary>Checks, before anything runs, that all from these positions on can still be read, and says where each split ends in this attempt.</summary>
    /// <param name="positions">Where it stood.</param>
    /// <param name="logs">The ids of the logs that the positions belong to, by name; one that is not there is not compared.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The same positions, each with the stop that holds now; and splits that came since, from where they begin.</returns>
    /// <exception cref="JobException"><see cref="JobFailure.DataLoss"/>: says how many records of which split are gone, or that the log is another one.</exception>
    Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation);

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
