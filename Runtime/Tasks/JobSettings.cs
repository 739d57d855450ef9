using System.Collections.Frozen;

namespace Weir.Runtime;

/// <summary>How a checkpoint's barriers treat the data that is queued before them.</summary>
public enum CheckpointMode
{
    /// <summary>Barriers overtake queued records, which are stored with the checkpoint; at once, or when waiting takes too long.</summary>
    Unaligned,

    /// <summary>Barriers wait their turn, however long; nothing in flight is stored. But the checkpoint of a stop turns unaligned after 10 s, and one that is urgent is unaligned: a transaction grows old, or a log is about to delete what a restart needs.</summary>
    Aligned,
}

/// <summary>What an operator may set of one job's run; defaults are safe in production.</summary>
public sealed class JobSettings
{
    /// <summary>The job's name: part of its checkpoint folder, its commits topic and its transactional ids.</summary>
    public required string Name { get; init; }

    /// <summary>Subtasks of an operator that does not say its own. 1 by default.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>The number of key groups: bounds every later parallelism. 128 by default; it may change only with a start from a savepoint.</summary>
    public int MaxParallelism { get; init; } = 128;

    /// <summary>From one checkpoint's trigger to the next one's. 10 s by default; zero takes none but the last (only for jobs that commit nothing outside).</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>At least so long between a checkpoint's end and the next one's trigger. 0 by default.</summary>
    public TimeSpan CheckpointMinPause { get; init; }

    /// <summary>A checkpoint older than this is given up (before the switch). 5 min by default.</summary>
    public TimeSpan CheckpointTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Consecutive failed checkpoints after which the attempt fails; null (the default) never does.</summary>
    public int? TolerableFailedCheckpoints { get; init; }

    /// <summary>How barriers meet queued data: unaligned by default, after <see cref="AlignedCheckpointTimeout"/>.</summary>
    public CheckpointMode CheckpointMode { get; init; } = CheckpointMode.Unaligned;

    /// <summary>An unaligned checkpoint begins aligned, which stores nothing in flight, and turns unaligned when it is older than this. 1 s by default; zero is unaligned at once.</summary>
    public TimeSpan AlignedCheckpointTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Subtasks that share one channel-state file. 5 by default, as in Flink.</summary>
    public int TasksPerStateFile { get; init; } = 5;

    /// <summary>Completed checkpoints that are kept. 3 by default, at least 2.</summary>
    public int RetainedCheckpoints { get; init; } = 3;

    /// <summary>Most bytes of in-flight data that one checkpoint writes; beyond, it is given up. What it references in older ones does not count. 256 MiB by default.</summary>
    public long MaxInFlightBytes { get; init; } = 256L << 20;

    /// <summary>Batches a gate may borrow for the record in hand beyond its pool. 5 by default, as in Flink 1.20.</summary>
    public int MaxOverdraftBuffersPerGate { get; init; } = 5;

    /// <summary>Memory in bytes, counted rather too high, for what one record makes beyond that, shared by all gates; what is more waits in a file on disk until it is read. 64 MiB by default; 0 spills all of it.</summary>
    public long MaxOverflowBytes { get; init; } = 64L << 20;

    /// <summary>Batches of a gate for each of its channels: one being filled, one being read.</summary>
    internal int BatchesPerChannel { get; init; } = 2;

    /// <summary>Batches shared by the channels of a gate: what a busy one may have more.</summary>
    internal int FloatingBatches { get; init; } = 8;

    /// <summary>Batches of a gate with so many channels.</summary>
    internal int BatchesOf(int channels) => (BatchesPerChannel * channels) + FloatingBatches;

    /// <summary>The unit in bytes in which the room of the spill file is dealt out: eight batches, so that one which is read late holds up no more.</summary>
    internal int SpillRegionBytes { get; init; } = 256 << 10;

    /// <summary>A folder of which less is unread is not kept for it: 64 KiB, which are written in less time than the call takes that writes them.</summary>
    internal long ReferencedBytesMin { get; init; } = 64 << 10;

    /// <summary>Folders of other checkpoints that one may need. 4: each may hold as much state as a retained checkpoint does.</summary>
    internal int ReferencedFoldersMax { get; init; } = 4;

    /// <summary>Sources whose undecodable messages are kept in a topic of their own, by their names in the job; none by default. The connector adds a sink for each.</summary>
    public IReadOnlySet<string> DeadLetterSources { get; init; } = FrozenSet<string>.Empty;

    /// <summary>What an unfinished checkpoint's remains are left alone for, at least; twice <see cref="CheckpointTimeout"/> where that is more, since a writer may be at them for so long. 1 h.</summary>
    internal TimeSpan OrphanGrace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What follows a failed attempt.</summary>
    public RestartSettings Restart { get; init; } = new();

    /// <summary>Whether a job that finds no pointer, but traces of an earlier life, starts from the beginning all the same.</summary>
    public bool FirstStart { get; init; }

    /// <summary>The checkpoint or savepoint to begin from instead of the committed one: a savepoint's name, or a folder in the store. Null by default. For one start.</summary>
    public string? RestoreFrom { get; init; }

    /// <summary>Whether <see cref="RestoreFrom"/> may be older than the committed checkpoint, so that output is written again. False by default: such a start is refused.</summary>
    public bool AcceptDuplicates { get; init; }

    /// <summary>Whether state that the job does not have any more is left behind. False by default: such a start is refused. For one start: the checkpoints that follow do not hold it.</summary>
    public bool AllowDroppedState { get; init; }

    /// <summary>Whether records that were in flight are lost, and counted: the last resort where they fit nowhere any more. False by default. For one start.</summary>
    public bool DropInFlight { get; init; }
}

/// <summary>What follows a failed attempt.</summary>
public sealed class RestartSettings
{
    /// <summary>The strategy. Exponential by default.</summary>
    public RestartStrategy Strategy { get; init; } = RestartStrategy.Exponential;

    /// <summary>The first delay, or the fixed one. 1 s by default.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay. 1 min by default.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>So long without a failure, and the delay starts over. 10 min by default.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Restarts without a reset between them after which the job has failed; null (the default) sets no limit.</summary>
    public int? MaxRestarts { get; init; }

    /// <summary>How often an operator may fail of the same cause within <see cref="SameCauseWithin"/> until the job has failed: then a record is there that no attempt gets past. 10 by default; null sets no limit. What a broker or a store does is never counted.</summary>
    public int? SameCauseMax { get; init; } = 10;

    /// <summary>See <see cref="SameCauseMax"/>. 10 min by default.</summary>
    public TimeSpan SameCauseWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often in a row the job gives way to another process that runs it until it has failed. 10 by default, which takes some 5 min; null never fails of that: a host that stands by, and takes over.</summary>
    public int? MaxFences { get; init; } = 10;
}

/// <summary>How the delay before a restart is chosen.</summary>
public enum RestartStrategy
{
    /// <summary>Doubles from one failure to the next.</summary>
    Exponential,

    /// <summary>Always the same.</summary>
    Fixed,

    /// <summary>The first failure ends the job.</summary>
    None,
}
