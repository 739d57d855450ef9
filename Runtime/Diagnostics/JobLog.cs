using Microsoft.Extensions.Logging;
using Weir.Runtime.Checkpointing;

namespace Weir.Runtime.Diagnostics;

/// <summary>What the engine logs of jobs and checkpoints. Event ids 2000-2099.</summary>
internal static partial class JobLog
{
    [LoggerMessage(2000, LogLevel.Information, "Job {Job} starts for the first time (life {Life})")]
    public static partial void FirstStart(this ILogger logger, string job, string life);

    [LoggerMessage(2001, LogLevel.Information, "Job {Job} continues from checkpoint {CheckpointId} with {InFlightRecords} records in flight (life {Life})")]
    public static partial void Restored(this ILogger logger, string job, long checkpointId, long inFlightRecords, string life);

    [LoggerMessage(2002, LogLevel.Warning, "Job {Job} failed and restarts in {DelayMs} ms: {Reason}")]
    public static partial void Restarting(this ILogger logger, Exception? failure, string job, double delayMs, string reason);

    [LoggerMessage(2003, LogLevel.Error, "Job {Job} has failed for good ({Failure}): {Reason}")]
    public static partial void Failed(this ILogger logger, string job, JobFailure failure, string reason);

    [LoggerMessage(2004, LogLevel.Information, "Job {Job} has ended: {Outcome}")]
    public static partial void Ended(this ILogger logger, string job, JobOutcome outcome);

    [LoggerMessage(2005, LogLevel.Warning, "Job {Job} waits until its checkpoint store answers: {Reason}")]
    public static partial void StoreAway(this ILogger logger, string job, string reason);

    [LoggerMessage(2006, LogLevel.Warning, "Job {Job} gives way to another life of itself and looks again in {DelayMs} ms: {Reason}")]
    public static partial void GivesWay(this ILogger logger, string job, double delayMs, string reason);

    [LoggerMessage(EventId = 2007, Message = "Job {Job} from checkpoint {CheckpointId}: {Action}: {What}")]
    public static partial void Restores(this ILogger logger, LogLevel level, string job, long checkpointId, RestoreAction action, string what);

    [LoggerMessage(2008, LogLevel.Warning, "Job {Job} has LOST {Records} records that were in flight, as it was told to")]
    public static partial void InFlightDropped(this ILogger logger, string job, long records);

    [LoggerMessage(2009, LogLevel.Warning, "Job {Job} goes back to {Folder}, behind checkpoint {CheckpointId}, as it was told to: its output REPEATS from there: {Positions}")]
    public static partial void Repeats(this ILogger logger, string job, string folder, long checkpointId, string positions);

    [LoggerMessage(2010, LogLevel.Debug, "Checkpoint {CheckpointId} of {Job} completed in {ElapsedMs} ms, {InFlightBytes} bytes in flight written and {ReferencedBytes} referenced: {Verdict}")]
    public static partial void CheckpointCompleted(this ILogger logger, long checkpointId, string job, double elapsedMs, long inFlightBytes, long referencedBytes, string verdict);

    [LoggerMessage(2011, LogLevel.Warning, "Checkpoint {CheckpointId} of {Job} given up after {ElapsedMs} ms: {Verdict}")]
    public static partial void CheckpointGivenUp(this ILogger logger, long checkpointId, string job, double elapsedMs, string verdict);

    [LoggerMessage(2015, LogLevel.Warning, "Checkpoint {CheckpointId} of {Job} may not be given up any more, and waits for its store, as long as its transaction lives; records go on: {Reason}")]
    public static partial void CheckpointWaits(this ILogger logger, long checkpointId, string job, string reason);

    [LoggerMessage(2012, LogLevel.Warning, "An old checkpoint of {Job} could not be deleted, and stays: {Reason}")]
    public static partial void NotDeleted(this ILogger logger, string job, string reason);

    [LoggerMessage(2017, LogLevel.Information, "{Folder} of {Job} was never finished, and nobody has written to it for {Grace}: it is deleted")]
    public static partial void DeletesOrphan(this ILogger logger, string job, string folder, TimeSpan grace);

    [LoggerMessage(2013, LogLevel.Information, "Savepoint {Savepoint} of {Job} is checkpoint {CheckpointId}, in {Location}: {Bytes} bytes, {ElapsedMs} ms after it was asked for")]
    public static partial void SavepointMade(this ILogger logger, string savepoint, string job, long checkpointId, string location, long bytes, double elapsedMs);

    [LoggerMessage(2016, LogLevel.Warning,
        "{Split} has brought no record for {Seconds:0.###} s: event time goes on without it at {Operator}, until it does; records of it that event time has passed by then are late. How long is waited is set by WithWatermarks(.., idleness). It is not said again")]
    public static partial void GoesOnWithout(this ILogger logger, string @operator, string split, double seconds);

    [LoggerMessage(2017, LogLevel.Warning,
        "Job {Job}: {Subtask} took {ElapsedMs:F0} ms for one record, or for a few, and all that is behind it, its barriers included, waited: an operator there waits for something, or computes. The 10th, 100th time and so on are said, too")]
    public static partial void SteppedLong(this ILogger logger, string job, string subtask, double elapsedMs);

    [LoggerMessage(2014, LogLevel.Warning, "Savepoint {Savepoint} of {Job} was not made: {Reason}")]
    public static partial void SavepointFailed(this ILogger logger, string savepoint, string job, string reason);
}
