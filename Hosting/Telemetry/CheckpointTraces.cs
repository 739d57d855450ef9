using System.Diagnostics;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>Tells each checkpoint as a trace: its span, a span of each subtask in it, and what happened there as events.</summary>
/// <remarks>
/// Thread: any. A trace is made when its checkpoint has ended, from the report's times, so that none is under way while records are processed. Where nobody listens, nothing is made.
/// </remarks>
internal sealed class CheckpointTraces : IDisposable
{
    private readonly ActivitySource _source = new(WeirInstruments.ActivitySourceName);

    public void CheckpointEnded(string job, CheckpointReport report)
    {
        if (!_source.HasListeners())
        {
            return;
        }
        var around = Activity.Current;
        Activity.Current = null; // A trace of its own, whatever started the job.
        try
        {
            Tell(job, report);
        }
        finally
        {
            Activity.Current = around;
        }
    }

    public void Dispose() => _source.Dispose();

    private void Tell(string job, CheckpointReport report)
    {
        using var root = _source.StartActivity("checkpoint", ActivityKind.Internal, parentContext: default, RootTags(job, report), links: null, report.TriggeredAt);
        if (root is not { IsAllDataRequested: true })
        {
            return;
        }
        if (report.TurnedAfter is { } turned)
        {
            root.AddEvent(new ActivityEvent("switch to unaligned", report.TriggeredAt + turned));
        }
        foreach (var subtask in report.Subtasks)
        {
            Tell(job, report, subtask, root.Context);
        }
        if (report.End != CheckpointEnd.Completed)
        {
            root.SetStatus(ActivityStatusCode.Error, report.Verdict);
        }
        root.SetEndTime((report.TriggeredAt + report.Duration).UtcDateTime);
    }

    private void Tell(string job, CheckpointReport report, SubtaskReport subtask, ActivityContext root)
    {
        using var span = _source.StartActivity($"{subtask.Task} #{subtask.Index}", ActivityKind.Internal, root, SubtaskTags(job, subtask), links: null, report.TriggeredAt);
        if (span is null)
        {
            return;
        }
        foreach (var (name, after, took) in Events(report, subtask).OrderBy(one => one.After))
        {
            span.AddEvent(new ActivityEvent(name, report.TriggeredAt + after, took is { } time ? new() { { "duration", time.TotalSeconds } } : null));
        }
        if (subtask.AcknowledgedAfter is null)
        {
            span.SetStatus(ActivityStatusCode.Error, "It had not stored its part when the checkpoint ended.");
        }
        span.SetEndTime((report.TriggeredAt + (subtask.AcknowledgedAfter ?? report.Duration)).UtcDateTime);
    }

    /// <summary>What happened, when, and how long that had taken. What did not happen is left out.</summary>
    private static IEnumerable<(string Name, TimeSpan After, TimeSpan? Took)> Events(CheckpointReport report, SubtaskReport subtask)
    {
        if (subtask.StartDelay is not { } seen)
        {
            yield break;
        }
        yield return ("barrier seen", seen, null);
        if (subtask.Mode == JobMetrics.NameOf(CheckpointMode.Unaligned))
        {
            yield return ("switch to unaligned", report.TurnedAfter > seen ? report.TurnedAfter.Value : seen, null);
        }
        var complete = seen + subtask.Alignment;
        if (complete is { } last)
        {
            yield return ("barriers complete", last, subtask.Alignment);
        }
        if (subtask.ReadyAfter is { } ready)
        {
            yield return ("ready to switch transactions", ready, null);
        }
        if (subtask.SwitchedAfter is { } switched)
        {
            yield return ("transactions switched", switched, null);
        }
        var taken = subtask.SnapshotAfter + subtask.Sync;
        if (taken is { } sync)
        {
            yield return ("sync", sync, subtask.Sync);
        }
        if (taken + subtask.StateWrite is { } state && complete + subtask.InFlightWrite is { } inFlight)
        {
            var written = state > inFlight ? state : inFlight;
            yield return ("async", written, written - taken);
        }
        if (subtask.AcknowledgedAfter is { } acknowledged)
        {
            yield return ("ack", acknowledged, null);
        }
    }

    private static TagList RootTags(string job, CheckpointReport report) => new()
    {
        { WeirInstruments.Job, job },
        { "weir.checkpoint.id", report.Id },
        { WeirInstruments.Kind, JobMetrics.NameOf(report.Mode) },
        { WeirInstruments.Outcome, JobMetrics.NameOf(report.End) },
        { WeirInstruments.CheckpointSize, report.StateBytes + report.InFlightBytes },
        { WeirInstruments.CheckpointInFlightPersisted, report.InFlightBytes },
        { WeirInstruments.CheckpointFiles, report.Files },
        { "weir.checkpoint.verdict", report.Verdict },
    };

    private static TagList SubtaskTags(string job, SubtaskReport subtask) => new()
    {
        { WeirInstruments.Job, job },
        { WeirInstruments.Task, subtask.Task },
        { "weir.subtask", subtask.Index },
        { WeirInstruments.Kind, subtask.Mode },
        { WeirInstruments.CheckpointSize, subtask.StateBytes + subtask.InFlightBytes },
        { WeirInstruments.CheckpointInFlightPersisted, subtask.InFlightBytes },
    };
}
