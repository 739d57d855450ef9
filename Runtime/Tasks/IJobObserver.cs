using System.Globalization;
using Weir.StateStore;

namespace Weir.Runtime;

/// <summary>Told what happens to a job, e.g. to log it or to print it. Calls come from the job's control thread, one at a time; they must not block.</summary>
public interface IJobObserver
{
    /// <summary>An attempt begins to process: all subtasks were started.</summary>
    /// <param name="restored">The checkpoint it continues from; null on a first start.</param>
    /// <param name="inFlightRecords">Records of that checkpoint's in-flight data.</param>
    void Started(long? restored, long inFlightRecords)
    {
    }

    /// <summary>The first record of this run was processed.</summary>
    void FirstRecord()
    {
    }

    /// <summary>A checkpoint completed: it is the one that counts.</summary>
    void CheckpointCompleted(CheckpointReport report)
    {
    }

    /// <summary>A checkpoint was given up; its report is the first of <see cref="JobRunner.Checkpoints"/>.</summary>
    void CheckpointFailed(long checkpoint, TimeSpan age, string verdict)
    {
    }

    /// <summary>A checkpoint ended, however it did: told of each once, of those that the two above are told of right after.</summary>
    void CheckpointEnded(CheckpointReport report)
    {
    }

    /// <summary>An attempt failed; the next one begins after the delay.</summary>
    void Restarting(Exception failure, TimeSpan delay)
    {
    }
}

/// <summary>What one checkpoint took; of one that did not complete, what was known when it ended.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Mode">How its barriers met queued data, in the end.</param>
/// <param name="Duration">From trigger to its end.</param>
/// <param name="LastBarrier">From trigger until the last subtask had all its barriers.</param>
/// <param name="StateBytes">Bytes of keyed and operator state stored.</param>
/// <param name="InFlightBytes">Bytes of in-flight data written.</param>
/// <param name="InFlightRecords">Records of in-flight data, written or referenced.</param>
/// <param name="Files">Files written, metadata included.</param>
/// <param name="Verdict">One sentence: which subtask was last, in which phase, and why, as far as is known.</param>
/// <param name="TurnedAfter">How old it was when it turned unaligned; null where it began so, or stayed aligned.</param>
/// <param name="ReferencedBytes">Bytes of in-flight data that stay in files of earlier checkpoints, so that they were not written again.</param>
public sealed record CheckpointReport(
    long Id, CheckpointMode Mode, TimeSpan Duration, TimeSpan LastBarrier, long StateBytes, long InFlightBytes, long InFlightRecords, int Files, string Verdict, TimeSpan? TurnedAfter = null, long ReferencedBytes = 0)
{
    /// <summary>How it ended.</summary>
    public CheckpointEnd End { get; init; }

    /// <summary>When it was triggered: tells those of several attempts apart, which may have the same number.</summary>
    public DateTimeOffset TriggeredAt { get; init; }

    /// <summary>Every subtask, producers before their consumers; empty where an old report was cut to its sums.</summary>
    public IReadOnlyList<SubtaskReport> Subtasks { get; init; } = [];

    /// <summary>Every edge; empty where an old report was cut to its sums.</summary>
    public IReadOnlyList<EdgeReport> Edges { get; init; } = [];
}

/// <summary>How a checkpoint ended.</summary>
public enum CheckpointEnd
{
    /// <summary>It was committed.</summary>
    Completed,

    /// <summary>It was given up, at no cost: the job goes on.</summary>
    GivenUp,

    /// <summary>The attempt ended while it was under way. Past the switch it may count all the same: the next start says so.</summary>
    Interrupted,
}

/// <summary>How a job's run ended without a failure.</summary>
public enum JobOutcome
{
    /// <summary>All its sources were read to their ends, and all of it is committed.</summary>
    Finished,

    /// <summary>It was asked to stop, took a last checkpoint, and committed it.</summary>
    Stopped,

    /// <summary>It was told to end at once, or could not take its last checkpoint; the last committed one holds.</summary>
    Cancelled,
}

/// <summary>Where a job stands; a snapshot for progress lines and health checks.</summary>
/// <param name="Phase">In one word: Starting, Running, Restarting, Stopping, Ended.</param>
/// <param name="RecordsIn">Records taken from sources since the process started.</param>
/// <param name="RecordsOut">Records given to sinks since the process started.</param>
/// <param name="Restarts">Attempts that failed.</param>
/// <param name="LastCheckpoint">The last completed one in this process.</param>
/// <param name="LastCheckpointAt">When that was.</param>
/// <param name="FailedCheckpoints">Checkpoints that ended early, since the process started.</param>
/// <param name="Lag">Records that wait in the sources behind those taken, as of what the sources heard last; null where none knows.</param>
public sealed record JobStatus(
    JobPhase Phase, long RecordsIn, long RecordsOut, int Restarts, CheckpointReport? LastCheckpoint, DateTimeOffset? LastCheckpointAt, int FailedCheckpoints, long? Lag)
{
    /// <summary>Where what single records made went, as far as the batches of their gates did not do.</summary>
    public OverflowStatus Overflow { get; init; } = new(0, 0, 0, 0);

    /// <summary>Why the last checkpoint was given up, or waits; null once one has completed since.</summary>
    public string? CheckpointTrouble { get; init; }

    /// <summary>What the job is at where it does not process records: a step of its start, or of its end. Null while it processes.</summary>
    public JobStep? Step { get; init; }

    /// <summary>The subtask that has been at one record, or a few, for longest now; null where all turn as they should.</summary>
    public StuckSubtask? Stuck { get; init; }

    /// <summary>
    /// Of all sources, the least time until what a restart would read next is deleted; null while no end of any is in sight, or none was looked at. Connectors say
    /// how far they look: for Kafka it is twice <c>UrgentSlack</c>.
    /// </summary>
    public RestartSlack? Slack { get; init; }
}

/// <summary>A step of a job's start, or of its end.</summary>
/// <param name="Name">What it does, as the end of a sentence that begins with the job.</param>
/// <param name="For">How long it has been at it.</param>
public sealed record JobStep(string Name, TimeSpan For);

/// <summary>A subtask whose operators do not come back.</summary>
/// <param name="Name">Its operators and its number.</param>
/// <param name="For">How long it has been so: a second at least, a thousand times what is right.</param>
public sealed record StuckSubtask(string Name, TimeSpan For)
{
    /// <summary>In a sentence, without its end.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} has been at one record for {For.TotalSeconds:F0} s");
}

/// <summary>Where what single records made went, as far as the batches of their gates did not do.</summary>
/// <param name="BatchesOverdrawn">Batches within the overdraft (<see cref="JobSettings.MaxOverdraftBuffersPerGate"/>), since the process started.</param>
/// <param name="BatchesInMemory">Batches beyond it that were kept in memory (<see cref="JobSettings.MaxOverflowBytes"/>), since the process started.</param>
/// <param name="BatchesSpilled">Batches beyond that, whose records were spilled to disk, since the process started.</param>
/// <param name="SpilledBytes">Bytes that lie in the spill file now: not yet read, or still to be copied into a checkpoint.</param>
public sealed record OverflowStatus(long BatchesOverdrawn, long BatchesInMemory, long BatchesSpilled, long SpilledBytes);

/// <summary>What a job is doing.</summary>
public enum JobPhase
{
    /// <summary>Takes its slot, reads its pointer, restores.</summary>
    Starting,

    /// <summary>Processes records.</summary>
    Running,

    /// <summary>Waits before its next attempt.</summary>
    Restarting,

    /// <summary>Takes its last checkpoint.</summary>
    Stopping,

    /// <summary>Is over.</summary>
    Ended,
}
