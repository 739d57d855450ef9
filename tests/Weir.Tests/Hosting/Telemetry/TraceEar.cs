using System.Collections.Concurrent;
using System.Diagnostics;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

/// <summary>Hears the traces of one job.</summary>
internal sealed class TraceEar : IDisposable
{
    private readonly ConcurrentQueue<Activity> _heard = [];
    private readonly TaskCompletionSource _root = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActivityListener _listener;

    public TraceEar(string job)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WeirInstruments.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem(WeirInstruments.Job) as string != job)
                {
                    return;
                }
                _heard.Enqueue(activity);
                if (activity.ParentId is null)
                {
                    _root.TrySetResult();
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The first whole trace: its root is heard last.</summary>
    public async Task<IReadOnlyList<Activity>> TraceAsync()
    {
        await _root.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return Heard;
    }

    public IReadOnlyList<Activity> Heard => [.. _heard];

    public void Dispose() => _listener.Dispose();

    /// <summary>A trace as a tree: spans with their times from the trigger on and how long they were, and the events in them.</summary>
    public static IEnumerable<string> Tree(IReadOnlyList<Activity> trace)
    {
        var root = trace.Single(span => span.ParentId is null);
        string At(DateTimeOffset time) => FormattableString.Invariant($"{(time - root.StartTimeUtc).TotalMilliseconds,9:0.000} ms");
        foreach (var (span, indent) in trace.Where(span => span != root).Select(span => (span, "  ")).Prepend((root, "")))
        {
            string tags = string.Join(", ", span.TagObjects.Where(tag => tag.Key is not ("weir.job" or "weir.task")).Select(tag => $"{tag.Key}={tag.Value}"));
            yield return FormattableString.Invariant($"{indent}{span.DisplayName} [{span.Duration.TotalMilliseconds:0.000} ms] {span.Status} {tags}");
            foreach (var happened in span.Events)
            {
                yield return $"{indent}  {At(happened.Timestamp)}  {happened.Name} {string.Join(", ", happened.Tags.Select(tag => FormattableString.Invariant($"{tag.Key}={tag.Value}")))}";
            }
        }
    }
}
