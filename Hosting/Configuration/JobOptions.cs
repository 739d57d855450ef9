using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using Weir.Connectors.Kafka;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>What an operator may set of one job: the section <c>Weir:Jobs:&lt;name&gt;</c>. The defaults are safe in production.</summary>
public sealed class JobOptions
{
    private static readonly JobSettings s_defaults = new() { Name = "" };

    /// <summary>Whether the job runs. On by default.</summary>
    public bool Enabled { get; set; } = true;

    /// <inheritdoc cref="JobSettings.Parallelism"/>
    [Range(1, 32768)]
    public int Parallelism { get; set; } = s_defaults.Parallelism;

    /// <inheritdoc cref="JobSettings.MaxParallelism"/>
    [Range(1, 32768)]
    public int MaxParallelism { get; set; } = s_defaults.MaxParallelism;

    /// <inheritdoc cref="JobSettings.CheckpointInterval"/>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    [FlinkKey("execution.checkpointing.interval")]
    public TimeSpan CheckpointInterval { get; set; } = s_defaults.CheckpointInterval;

    /// <inheritdoc cref="JobSettings.CheckpointMinPause"/>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    [FlinkKey("execution.checkpointing.min-pause")]
    public TimeSpan CheckpointMinPause { get; set; } = s_defaults.CheckpointMinPause;

    /// <inheritdoc cref="JobSettings.CheckpointTimeout"/>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    [FlinkKey("execution.checkpointing.timeout")]
    public TimeSpan CheckpointTimeout { get; set; } = s_defaults.CheckpointTimeout;

    /// <inheritdoc cref="JobSettings.TolerableFailedCheckpoints"/>
    [Range(0, 1_000_000)]
    [FlinkKey("execution.checkpointing.tolerable-failed-checkpoints")]
    public int? TolerableFailedCheckpoints { get; set; } = s_defaults.TolerableFailedCheckpoints;

    /// <inheritdoc cref="JobSettings.CheckpointMode"/>
    [FlinkKey("execution.checkpointing.unaligned.enabled", True = nameof(CheckpointMode.Unaligned), False = nameof(CheckpointMode.Aligned))]
    [FlinkKey("execution.checkpointing.unaligned-checkpoint.enabled", True = nameof(CheckpointMode.Unaligned), False = nameof(CheckpointMode.Aligned))]
    public CheckpointMode CheckpointMode { get; set; } = s_defaults.CheckpointMode;

    /// <inheritdoc cref="JobSettings.AlignedCheckpointTimeout"/>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    [FlinkKey("execution.checkpointing.aligned-checkpoint-timeout")]
    [FlinkKey("execution.checkpointing.aligned-checkpoint.timeout")]
    public TimeSpan? AlignedCheckpointTimeout { get; set; }

    /// <inheritdoc cref="JobSettings.TasksPerStateFile"/>
    [Range(1, 1024)]
    [FlinkKey("execution.checkpointing.unaligned.max-subtasks-per-channel-state-file")]
    [FlinkKey("execution.checkpointing.channel-state.number-of-tasks-share-file")]
    public int TasksPerStateFile { get; set; } = s_defaults.TasksPerStateFile;

    /// <inheritdoc cref="JobSettings.RetainedCheckpoints"/>
    [Range(2, 1000)]
    [FlinkKey("execution.checkpointing.num-retained")]
    [FlinkKey("state.checkpoints.num-retained")]
    public int RetainedCheckpoints { get; set; } = s_defaults.RetainedCheckpoints;

    /// <inheritdoc cref="JobSettings.MaxInFlightBytes"/>
    [Range(typeof(long), "1048576", "1099511627776")]
    public long MaxInFlightBytes { get; set; } = s_defaults.MaxInFlightBytes;

    /// <inheritdoc cref="JobSettings.MaxOverdraftBuffersPerGate"/>
    [Range(0, 1024)]
    [FlinkKey("taskmanager.network.memory.max-overdraft-buffers-per-gate")]
    public int MaxOverdraftBuffersPerGate { get; set; } = s_defaults.MaxOverdraftBuffersPerGate;

    /// <inheritdoc cref="JobSettings.MaxOverflowBytes"/>
    [Range(typeof(long), "0", "1099511627776")]
    public long MaxOverflowBytes { get; set; } = s_defaults.MaxOverflowBytes;

    /// <inheritdoc cref="JobSettings.FirstStart"/>
    public bool FirstStart { get; set; }

    /// <inheritdoc cref="JobSettings.RestoreFrom"/>
    [FlinkKey("execution.state-recovery.path")]
    [FlinkKey("execution.savepoint.path")]
    public string? RestoreFrom { get; set; }

    /// <inheritdoc cref="JobSettings.AcceptDuplicates"/>
    public bool AcceptDuplicates { get; set; }

    /// <inheritdoc cref="JobSettings.AllowDroppedState"/>
    [FlinkKey("execution.state-recovery.ignore-unclaimed-state")]
    [FlinkKey("execution.savepoint.ignore-unclaimed-state")]
    public bool AllowDroppedState { get; set; }

    /// <inheritdoc cref="JobSettings.DropInFlight"/>
    public bool DropInFlight { get; set; }

    /// <summary>What follows a failed attempt.</summary>
    public RestartOptions Restart { get; } = new();

    /// <summary>Settings of the job's sources, by their names in the job.</summary>
    public IDictionary<string, KafkaSourceOptions> Sources { get; } = new Dictionary<string, KafkaSourceOptions>(StringComparer.Ordinal);

    /// <summary>Settings of the job's sinks, by their names in the job.</summary>
    public IDictionary<string, KafkaSinkOptions> Sinks { get; } = new Dictionary<string, KafkaSinkOptions>(StringComparer.Ordinal);

    internal JobSettings ToSettings(string name) => new()
    {
        Name = name,
        Parallelism = Parallelism,
        MaxParallelism = MaxParallelism,
        CheckpointInterval = CheckpointInterval,
        CheckpointMinPause = CheckpointMinPause,
        CheckpointTimeout = CheckpointTimeout,
        TolerableFailedCheckpoints = TolerableFailedCheckpoints,
        CheckpointMode = CheckpointMode,
        AlignedCheckpointTimeout = AlignedCheckpointTimeout ?? s_defaults.AlignedCheckpointTimeout,
        TasksPerStateFile = TasksPerStateFile,
        RetainedCheckpoints = RetainedCheckpoints,
        MaxInFlightBytes = MaxInFlightBytes,
        MaxOverdraftBuffersPerGate = MaxOverdraftBuffersPerGate,
        MaxOverflowBytes = MaxOverflowBytes,
        FirstStart = FirstStart,
        RestoreFrom = RestoreFrom,
        AcceptDuplicates = AcceptDuplicates,
        AllowDroppedState = AllowDroppedState,
        DropInFlight = DropInFlight,
        DeadLetterSources = Sources.Where(source => source.Value.OnUndecodable == UndecodableRecord.DeadLetter).Select(source => source.Key).ToFrozenSet(StringComparer.Ordinal),
        Restart = Restart.ToSettings(),
    };
}

/// <summary>What follows a failed attempt.</summary>
public sealed class RestartOptions
{
    private static readonly RestartSettings s_defaults = new();

    /// <inheritdoc cref="RestartSettings.Strategy"/>
    public RestartStrategy Strategy { get; set; } = s_defaults.Strategy;

    /// <inheritdoc cref="RestartSettings.InitialDelay"/>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan InitialDelay { get; set; } = s_defaults.InitialDelay;

    /// <inheritdoc cref="RestartSettings.MaxDelay"/>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxDelay { get; set; } = s_defaults.MaxDelay;

    /// <inheritdoc cref="RestartSettings.ResetAfter"/>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan ResetAfter { get; set; } = s_defaults.ResetAfter;

    /// <inheritdoc cref="RestartSettings.MaxRestarts"/>
    [Range(0, 1_000_000)]
    public int? MaxRestarts { get; set; } = s_defaults.MaxRestarts;

    /// <inheritdoc cref="RestartSettings.SameCauseMax"/>
    [Range(1, 1_000_000)]
    public int? SameCauseMax { get; set; } = s_defaults.SameCauseMax;

    /// <inheritdoc cref="RestartSettings.SameCauseWithin"/>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan SameCauseWithin { get; set; } = s_defaults.SameCauseWithin;

    /// <inheritdoc cref="RestartSettings.MaxFences"/>
    [Range(0, 1_000_000)]
    public int? MaxFences { get; set; } = s_defaults.MaxFences;

    internal RestartSettings ToSettings() => new()
    {
        Strategy = Strategy,
        InitialDelay = InitialDelay,
        MaxDelay = MaxDelay,
        ResetAfter = ResetAfter,
        MaxRestarts = MaxRestarts,
        SameCauseMax = SameCauseMax,
        SameCauseWithin = SameCauseWithin,
        MaxFences = MaxFences,
    };
}
