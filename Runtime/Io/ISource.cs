namespace Weir.Runtime;

/// <summary>A source that is divided into splits, each read by one subtask: what <see cref="ISplitSource{T}"/> and <see cref="ILegacySource{T}"/> have in common.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>One is opened for each attempt of the job, and disposed with it.</remarks>
public interface ISource<T> : IAsyncDisposable
{
    /// <summary>Whether a first start begins where the job's own consumer group stands: then its offsets, found without a pointer, are no riddle. False by default.</summary>
    bool StartsFromOwnGroup => false;

    /// <summary>The logs it reads, once its splits were discovered or resumed; none (the default) where nothing tells a log from one that took its place.</summary>
    IReadOnlyList<LogIdentity> Logs => [];

    /// <summary>Finds all splits of a job that starts for the first time, with the position where each begins, as a number.</summary>
    /// <exception cref="JobException">The source can't be reached, does not exist, or may not be read.</exception>
    Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation);

    /// <summary>Checks, before anything runs, that all from these positions on can still be read, and says where each split ends in this attempt.</summary>
    /// <param name="positions">Where it stood, and where it was to stop; a stop has no rule any more where the whole job had come to all of them.</param>
    /// <param name="logs">The ids of the logs that the positions belong to, by name; one that is not there is not compared.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>
    /// The same positions, each with the stop that holds now: the one that it brings, unless the source ends otherwise by now, or one that is resolved now; and splits that came since, from where they begin. One that is left out is not read any more: that is refused, unless the
    /// operator allows it to be left behind.
    /// </returns>
    /// <exception cref="JobException"><see cref="JobFailure.DataLoss"/>: says how many records of which split are gone, or that the log is another one.</exception>
    Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation);
}
