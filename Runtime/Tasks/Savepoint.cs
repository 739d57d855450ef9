namespace Weir.Runtime;

/// <summary>What an operator asks for when a savepoint is taken.</summary>
/// <param name="Name">How it is called: unique within the job, 1 to 100 characters. It lies in the folder <c>sp-NAME</c> of the job.</param>
public sealed record SavepointRequest(string Name)
{
    /// <summary>
    /// Whether its barriers overtake what is queued, which is then stored in it: ready at once under back-pressure, but bound to the edges of the job as it is.
    /// False by default: it waits until what is queued is processed, at most the checkpoint timeout, holds state and positions only, and fits a changed job best.
    /// </summary>
    public bool Unaligned { get; init; }

    /// <summary>What the job does once the savepoint is durable. It goes on by default.</summary>
    public AfterSavepoint Then { get; init; }
}

/// <summary>What a job does once its savepoint is durable.</summary>
public enum AfterSavepoint
{
    /// <summary>Goes on.</summary>
    GoOn,

    /// <summary>Stops: nothing behind the savepoint was committed. One that could not be written stops nothing.</summary>
    Stop,

    /// <summary>Reads nothing more, processes all that was read to its end, and stops. For a job that is given up or whose next version takes nothing in flight.</summary>
    Drain,
}

/// <summary>A savepoint that is durable: the operator's to keep, to move and to delete.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Location">Its folder in the checkpoint store: what a start names to begin from it.</param>
/// <param name="CheckpointId">The checkpoint that it is a copy of.</param>
/// <param name="Bytes">Bytes of state and records that it holds.</param>
/// <param name="InFlightRecords">Records in flight that it holds; 0 unless it is unaligned.</param>
/// <param name="Duration">From the request until it was durable.</param>
public sealed record Savepoint(string Name, string Location, long CheckpointId, long Bytes, long InFlightRecords, TimeSpan Duration);
