namespace Weir.Runtime;

/// <summary>The names that Weir's measurements and traces have: for views, dashboards and tests. docs/metrics.md says what each means and when to worry.</summary>
public static class WeirInstruments
{
    /// <summary>The meter of all instruments.</summary>
    public const string MeterName = "Weir";

    /// <summary>The source of all activities: one trace for each checkpoint.</summary>
    public const string ActivitySourceName = "Weir";

    /// <summary>s, from a checkpoint's trigger to its end.</summary>
    public const string CheckpointDuration = "weir.checkpoint.duration";

    /// <summary>s, from the first barrier that a subtask saw to its last.</summary>
    public const string CheckpointAlignmentDuration = "weir.checkpoint.alignment.duration";

    /// <summary>s, from a checkpoint's trigger to the first barrier that a subtask saw.</summary>
    public const string CheckpointStartDelay = "weir.checkpoint.start_delay";

    /// <summary>s, in which a subtask processed nothing since it took its snapshot.</summary>
    public const string CheckpointSyncDuration = "weir.checkpoint.sync.duration";

    /// <summary>s, in which what a subtask stores was written beside its records: the longer one of state and in-flight data.</summary>
    public const string CheckpointAsyncDuration = "weir.checkpoint.async.duration";

    /// <summary>Bytes that a checkpoint wrote: state and in-flight data.</summary>
    public const string CheckpointSize = "weir.checkpoint.size";

    /// <summary>Bytes of in-flight data that a checkpoint wrote.</summary>
    public const string CheckpointInFlightPersisted = "weir.checkpoint.inflight.persisted";

    /// <summary>Bytes that subtasks took from their inputs between their first barrier and their last.</summary>
    public const string CheckpointInFlightProcessed = "weir.checkpoint.inflight.processed";

    /// <summary>Files that a checkpoint wrote.</summary>
    public const string CheckpointFiles = "weir.checkpoint.files";

    /// <summary>Checkpoints that have ended, by <see cref="Outcome"/> and <see cref="Kind"/>.</summary>
    public const string CheckpointCount = "weir.checkpoint.count";

    /// <summary>s, for which there has been something that no checkpoint covers.</summary>
    public const string CheckpointAge = "weir.checkpoint.age";

    /// <summary>1 while a job processes; else 0.</summary>
    public const string JobRunning = "weir.job.running";

    /// <summary>Attempts that failed.</summary>
    public const string Restarts = "weir.restarts";

    /// <summary>s that the subtasks of a task spent, by <see cref="State"/>.</summary>
    public const string TaskTime = "weir.task.time";

    /// <summary>Batches of all gates, by <see cref="Kind"/>: used, free, overdraft.</summary>
    public const string ChannelBuffers = "weir.channel.buffers";

    /// <summary>Batches that single records made beyond what their gates hold, by <see cref="Kind"/>, where they went: overdraft, memory, disk.</summary>
    public const string ChannelOverflow = "weir.channel.overflow";

    /// <summary>Bytes that wait in the spill file.</summary>
    public const string ChannelSpilled = "weir.channel.spilled";

    /// <summary>Records taken from a source.</summary>
    public const string SourceRecords = "weir.source.records";

    /// <summary>Records of a partition that are not read yet.</summary>
    public const string SourceLag = "weir.source.lag";

    /// <summary>Records a second that a partition gets.</summary>
    public const string SourceAppendRate = "weir.source.append.rate";

    /// <summary>s at least until what a restart would read next of a partition is deleted.</summary>
    public const string SourceLossHeadroom = "weir.source.loss.headroom";

    /// <summary>s at least until what is read next of a partition is deleted.</summary>
    public const string SourceReadingHeadroom = "weir.source.reading.headroom";

    /// <summary>s until brokers forget the group's offsets, unless they are committed before.</summary>
    public const string SourceOffsetExpiryHeadroom = "weir.source.offset.expiry.headroom";

    /// <summary>How often a source came into need, or out of it.</summary>
    public const string SourceSlackChanges = "weir.source.slack.changes";

    /// <summary>Records that were gone before they were read.</summary>
    public const string SourceRecordsLost = "weir.source.records_lost";

    /// <summary>Records that the codec could not read.</summary>
    public const string SourceUndecodable = "weir.source.undecodable";

    /// <summary>s by which a source's event time is behind the clock.</summary>
    public const string SourceWatermarkLag = "weir.source.watermark.lag";

    /// <summary>1 while nothing waits for a source's event time, since it brings no records; else 0.</summary>
    public const string SourceIdle = "weir.source.idle";

    /// <summary>Records given to a sink.</summary>
    public const string SinkRecords = "weir.sink.records";

    /// <summary>Failures of the clients that write, by <see cref="ErrorType"/>.</summary>
    public const string SinkErrors = "weir.sink.errors";

    /// <summary>s since the first record of the transaction that is open.</summary>
    public const string SinkTransactionAge = "weir.sink.transaction.age";

    /// <summary>Records that went to a dead-letter topic.</summary>
    public const string DeadLetterRecords = "weir.dlq.records";

    /// <summary>Bytes of state in the last checkpoint that completed.</summary>
    public const string StateSize = "weir.state.size";

    /// <summary>Messages taken from Kafka, as OpenTelemetry's conventions for messaging name them.</summary>
    public const string MessagesConsumed = "messaging.client.consumed.messages";

    /// <summary>Messages given to Kafka, as these name them.</summary>
    public const string MessagesSent = "messaging.client.sent.messages";

    /// <summary>Bytes of memory, by <see cref="Part"/>, as far as they are known.</summary>
    public const string Memory = "weir.memory";

    /// <summary>Bytes that a part of memory may take, by <see cref="Part"/>.</summary>
    public const string MemoryLimit = "weir.memory.limit";

    /// <summary>Tag: the job's name. Not <c>job</c>, which Prometheus has a meaning of its own for.</summary>
    public const string Job = "weir.job";

    /// <summary>Tag: the source's name in the job.</summary>
    public const string Source = "weir.source";

    /// <summary>Tag: the sink's name in the job.</summary>
    public const string Sink = "weir.sink";

    /// <summary>Tag: the task, named by its operators.</summary>
    public const string Task = "weir.task";

    /// <summary>Tag: the level a source came to, of <see cref="SourceSlackChanges"/>.</summary>
    public const string SlackLevel = "weir.slack.level";

    /// <summary>Tag: what was done with a record that the codec could not read.</summary>
    public const string UndecodablePolicy = "weir.undecodable.policy";

    /// <summary>Tag: how a checkpoint ended: <c>completed</c>, <c>given_up</c>, <c>interrupted</c>.</summary>
    public const string Outcome = "outcome";

    /// <summary>Tag: which of the kinds that the instrument tells apart; of a checkpoint <c>aligned</c> or <c>unaligned</c>, as it was in the end.</summary>
    public const string Kind = "kind";

    /// <summary>Tag: what a subtask did: <c>busy</c>, <c>queued</c> (it waited for a core), <c>backpressured</c> (for room), <c>idle</c> (for records).</summary>
    public const string State = "state";

    /// <summary>Tag: what kind of failure it was, of <see cref="JobFailure"/>.</summary>
    public const string ErrorType = "error.type";

    /// <summary>Tag: the part of memory.</summary>
    public const string Part = "part";
}
