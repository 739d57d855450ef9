using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Weir.Connectors.Kafka;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>The instruments of the host: what its jobs do, and what their checkpoints took.</summary>
/// <remarks>
/// Thread: any. What can be is read only when somebody asks, from snapshots that jobs give: records pay nothing for it. Counters show what was counted since the program started, whoever began
/// to listen when; histograms take each checkpoint when it ends. Those of Kafka are made by its connector. No tag tells subtasks apart, so that a job's parallelism makes no series.
/// </remarks>
internal sealed class JobMetrics
{
    // A checkpoint of a small job takes milliseconds; one that waits for an hour of back-pressure is what these are for.
    private static readonly InstrumentAdvice<double> s_seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
    };

    private static readonly InstrumentAdvice<long> s_bytes = new() { HistogramBucketBoundaries = [.. Enumerable.Range(0, 15).Select(power => 1L << (10 + (2 * power)))] };

    private static readonly InstrumentAdvice<long> s_files = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] };

    private readonly ConcurrentDictionary<string, JobRun> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Job, CheckpointEnd End, CheckpointMode Mode), long> _ended = [];
    private readonly MemoryUse _memory;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _alignment;
    private readonly Histogram<double> _startDelay;
    private readonly Histogram<double> _sync;
    private readonly Histogram<double> _async;
    private readonly Histogram<long> _size;
    private readonly Histogram<long> _inFlight;
    private readonly Histogram<long> _processed;
    private readonly Histogram<long> _files;

    public JobMetrics(IMeterFactory meters, MemoryUse memory)
    {
        _memory = memory;
        var meter = meters.Create(WeirInstruments.MeterName);
        _duration = Seconds(meter, WeirInstruments.CheckpointDuration, "Time from a checkpoint's trigger to its end, however it ended");
        _startDelay = Seconds(meter, WeirInstruments.CheckpointStartDelay, "Time from a completed checkpoint's trigger to the first barrier that a subtask saw, of each subtask");
        _alignment = Seconds(meter, WeirInstruments.CheckpointAlignmentDuration, "Time from the first barrier of a completed checkpoint that a subtask saw to its last, of each subtask");
        _sync = Seconds(meter, WeirInstruments.CheckpointSyncDuration, "Time in which a subtask processed nothing since it took its snapshot, of each subtask and completed checkpoint");
        _async = Seconds(meter, WeirInstruments.CheckpointAsyncDuration, "Time in which what a subtask stores was written beside its records, of each subtask and completed checkpoint");
        _size = meter.CreateHistogram(WeirInstruments.CheckpointSize, "By", "Bytes that a completed checkpoint wrote: state and in-flight data", null, s_bytes);
        _inFlight = meter.CreateHistogram(WeirInstruments.CheckpointInFlightPersisted, "By", "Bytes of in-flight data that a completed checkpoint wrote", null, s_bytes);
        _processed = meter.CreateHistogram(WeirInstruments.CheckpointInFlightProcessed, "By", "Bytes that subtasks took from their inputs between their first barrier of a completed checkpoint and their last", null, s_bytes);
        _files = meter.CreateHistogram(WeirInstruments.CheckpointFiles, "{file}", "Files that a completed checkpoint wrote", null, s_files);
        meter.CreateObservableCounter(WeirInstruments.CheckpointCount, Ended, "{checkpoint}", "Checkpoints that have ended, by how they did and how their barriers met queued data");
        meter.CreateObservableGauge(WeirInstruments.CheckpointAge, () => Each(static run => run.CheckpointAge.TotalSeconds), "s", "Time for which there has been something that no checkpoint covers; 0 while there is nothing");
        meter.CreateObservableGauge(WeirInstruments.JobRunning, () => Each(static run => run.Status.Phase == JobPhase.Running ? 1 : 0), "{job}", "1 while a job processes; 0 while it starts, waits before a restart, stops, or is over");
        meter.CreateObservableCounter(WeirInstruments.Restarts, () => Each(static run => (long)run.Status.Restarts), "{restart}", "Attempts of a job that failed, and were followed by another");
        meter.CreateObservableGauge(WeirInstruments.StateSize, StateSize, "By", "Bytes of keyed and operator state in the last checkpoint that completed");
        CreateFlow(meter);
        meter.CreateObservableGauge(WeirInstruments.Memory, Memory, "By", "Memory: all of the process, what its garbage collector holds of that, and what the parts take that have a bound");
        meter.CreateObservableGauge(WeirInstruments.MemoryLimit, MemoryLimits, "By", "What a part of memory may take, of Weir:Memory");
    }

    /// <summary>Shows a job from now on.</summary>
    public void Show(JobRun run) => _runs[run.Name] = run;

    /// <summary>Takes what a checkpoint took.</summary>
    public void CheckpointEnded(string job, CheckpointReport report)
    {
        _ended.AddOrUpdate((job, report.End, report.Mode), 1, static (_, count) => count + 1);
        var tags = new TagList { JobTag(job), new(WeirInstruments.Kind, NameOf(report.Mode)) };
        _duration.Record(report.Duration.TotalSeconds, [.. tags, new(WeirInstruments.Outcome, NameOf(report.End))]);
        if (report.End != CheckpointEnd.Completed)
        {
            return;
        }
        _size.Record(report.StateBytes + report.InFlightBytes, tags);
        _inFlight.Record(report.InFlightBytes, tags);
        _processed.Record(report.Subtasks.Sum(static subtask => subtask.ProcessedBytes), tags);
        _files.Record(report.Files, tags);
        foreach (var subtask in report.Subtasks)
        {
            Record(_startDelay, subtask.StartDelay);
            Record(_alignment, subtask.Alignment);
            Record(_sync, subtask.Sync);
            Record(_async, subtask.StateWrite is { } state && subtask.InFlightWrite is { } inFlight ? (state > inFlight ? state : inFlight) : null);
        }

        void Record(Histogram<double> histogram, TimeSpan? time)
        {
            if (time is { } came)
            {
                histogram.Record(came.TotalSeconds, tags);
            }
        }
    }

    internal static string NameOf(CheckpointMode mode) => mode == CheckpointMode.Unaligned ? "unaligned" : "aligned";

    internal static string NameOf(CheckpointEnd end) => end switch
    {
        CheckpointEnd.Completed => "completed",
        CheckpointEnd.GivenUp => "given_up",
        _ => "interrupted",
    };

    private static Histogram<double> Seconds(Meter meter, string name, string description) => meter.CreateHistogram(name, "s", description, null, s_seconds);

    private static KeyValuePair<string, object?> JobTag(string job) => new(WeirInstruments.Job, job);

    /// <summary>What flows, or waits, in the jobs.</summary>
    private void CreateFlow(Meter meter)
    {
        meter.CreateObservableCounter(
            WeirInstruments.SourceRecords,
            () => Parts(static figures => figures.Sources, static source => source.Records, static source => [new(WeirInstruments.Source, source.Name)]),
            "{record}",
            "Records taken from a source; those that were read again after a restart count again");
        meter.CreateObservableCounter(
            WeirInstruments.SinkRecords,
            () => Parts(static figures => figures.Sinks, static sink => sink.Records, static sink => [new(WeirInstruments.Sink, sink.Name)]),
            "{record}",
            "Records given to a sink; those that a restart made again count again");
        meter.CreateObservableCounter(WeirInstruments.MessagesConsumed, Consumed, "{message}", "Messages that clients took from Kafka; those that were read again after a restart count again");
        meter.CreateObservableCounter(WeirInstruments.MessagesSent, Sent, "{message}", "Messages that clients were given for Kafka; those that a restart made again count again");
        meter.CreateObservableGauge(WeirInstruments.SourceWatermarkLag, WatermarkLag, "s", "Time by which a source's event time is behind the clock, where its task makes watermarks");
        meter.CreateObservableGauge(
            WeirInstruments.SourceIdle,
            () => Parts(static figures => figures.Sources, static source => source.IsIdle ? 1 : 0, static source => [new(WeirInstruments.Source, source.Name)]),
            "{source}",
            "1 while a source brings no records, so that event time goes on without it; else 0");
        meter.CreateObservableCounter(
            WeirInstruments.TaskTime,
            () => Parts(static figures => figures.Tasks.SelectMany(Spent), static spent => spent.Time.TotalSeconds, static spent => [new(WeirInstruments.Task, spent.Task), new(WeirInstruments.State, spent.State)]),
            "s",
            "Time that the subtasks of a task spent, together: busy, queued for a core, backpressured (waiting for room) or idle (waiting for records)");
        meter.CreateObservableGauge(
            WeirInstruments.ChannelBuffers,
            () => Parts(static figures => Buffers(figures.Buffers), static buffers => buffers.Count, static buffers => [new(WeirInstruments.Kind, buffers.Kind)]),
            "{buffer}",
            "Batches of all gates: used, free, and overdraft beyond what the gates have");
        meter.CreateObservableCounter(WeirInstruments.ChannelOverflow, Overflow, "{buffer}", "Batches that single records made beyond what their gates have, by where they went: overdraft, memory or disk");
        meter.CreateObservableGauge(WeirInstruments.ChannelSpilled, () => Each(static run => run.Status.Overflow.SpilledBytes), "By", "Bytes that wait in the spill file to be read, or to be copied into a checkpoint");
    }

    private IEnumerable<Measurement<T>> Each<T>(Func<JobRun, T> what)
        where T : struct =>
        _runs.Values.Select(run => new Measurement<T>(what(run), JobTag(run.Name)));

    private IEnumerable<Measurement<TValue>> Parts<T, TValue>(Func<JobFigures, IEnumerable<T>> which, Func<T, TValue> what, Func<T, KeyValuePair<string, object?>[]> tags)
        where TValue : struct =>
        from run in _runs.Values
        from part in which(run.Figures)
        select new Measurement<TValue>(what(part), [JobTag(run.Name), .. tags(part)]);

    private IEnumerable<Measurement<long>> Ended() => _ended.Select(static ended => new Measurement<long>(
        ended.Value,
        JobTag(ended.Key.Job),
        new(WeirInstruments.Outcome, NameOf(ended.Key.End)),
        new(WeirInstruments.Kind, NameOf(ended.Key.Mode))));

    private IEnumerable<Measurement<long>> StateSize() =>
        from run in _runs.Values
        let last = run.Status.LastCheckpoint
        where last is not null
        select new Measurement<long>(last.StateBytes, JobTag(run.Name));

    private IEnumerable<Measurement<double>> WatermarkLag() =>
        from run in _runs.Values
        from source in run.Figures.Sources
        where source.Watermark is not null
        select new Measurement<double>((run.Now - source.Watermark.GetValueOrDefault()).TotalSeconds, JobTag(run.Name), new(WeirInstruments.Source, source.Name));

    private IEnumerable<Measurement<long>> Consumed() =>
        from run in _runs.Values
        from source in run.Figures.Sources
        from known in run.Sources
        where known.Name == source.Name
        select new Measurement<long>(source.Records, [JobTag(run.Name), .. MessagingTags("poll", known.Topics), new("messaging.consumer.group.name", KafkaClients.GroupOf(run.Name))]);

    private IEnumerable<Measurement<long>> Sent() =>
        from run in _runs.Values
        from sink in run.Figures.Sinks
        from known in run.Sinks
        where known.Name == sink.Name
        select new Measurement<long>(sink.Records, [JobTag(run.Name), .. MessagingTags("send", [known.Topic])]);

    /// <summary>https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics; a client of several topics does not tell them apart.</summary>
    private static IEnumerable<KeyValuePair<string, object?>> MessagingTags(string operation, IReadOnlyList<string> topics) =>
        ((KeyValuePair<string, object?>[])[new("messaging.system", "kafka"), new("messaging.operation.name", operation)])
            .Concat(topics.Count == 1 ? [new("messaging.destination.name", topics[0])] : []);

    private IEnumerable<Measurement<long>> Overflow() =>
        from run in _runs.Values
        let overflow = run.Status.Overflow
        from went in new[] { (Kind: "overdraft", Count: overflow.BatchesOverdrawn), (Kind: "memory", Count: overflow.BatchesInMemory), (Kind: "disk", Count: overflow.BatchesSpilled) }
        select new Measurement<long>(went.Count, JobTag(run.Name), new(WeirInstruments.Kind, went.Kind));

    private IEnumerable<Measurement<long>> Memory() =>
    [
        new(Environment.WorkingSet, new KeyValuePair<string, object?>(WeirInstruments.Part, "process")),
        new(GC.GetGCMemoryInfo().TotalCommittedBytes, new KeyValuePair<string, object?>(WeirInstruments.Part, "managed")),
        .. _memory.Parts().Select(static part => new Measurement<long>(part.Bytes, new KeyValuePair<string, object?>(WeirInstruments.Part, part.Part))),
    ];

    private IEnumerable<Measurement<long>> MemoryLimits() =>
        _memory.Parts().Select(static part => new Measurement<long>(part.BytesMax, new KeyValuePair<string, object?>(WeirInstruments.Part, part.Part)));

    private static (string Task, string State, TimeSpan Time)[] Spent(TaskFigures task) =>
        [(task.Name, "busy", task.Busy), (task.Name, "queued", task.Queued), (task.Name, "backpressured", task.Backpressured), (task.Name, "idle", task.Idle)];

    private static (string Kind, long Count)[] Buffers(BufferFigures buffers) => [("used", buffers.Used), ("free", buffers.Free), ("overdraft", buffers.Overdraft)];
}
