using Microsoft.Extensions.Logging;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Diagnostics;
using Weir.Runtime.Graph;

namespace Weir.Runtime.Tasks;

/// <summary>The open sources of one attempt, by their operator ids.</summary>
internal sealed class SourceSet : IAsyncDisposable
{
    private readonly List<OpenSource> _sources = [];
    private readonly JobSettings _settings;
    private readonly ILogger _logger;

    private SourceSet(JobSettings settings, ILogger logger)
    {
        _settings = settings;
        _logger = logger;
    }

    public static SourceSet Open(ExecutionPlan plan, IConnectors connectors, ILogger logger)
    {
        var set = new SourceSet(plan.Settings, logger);
        foreach (var task in plan.Tasks.Where(task => task.StartsWithSource))
        {
            set._sources.Add(task.CreateHead().Open(connectors, task.Parallelism));
        }
        return set;
    }

    /// <summary>Whether any of them begins where the job's own consumer group stands.</summary>
    public bool AnyStartsFromOwnGroup => _sources.Any(source => source.StartsFromOwnGroup);

    /// <summary>The ids of the logs that are read, by name; once they were discovered or resumed.</summary>
    public IReadOnlyDictionary<string, string> Logs => _sources.SelectMany(source => source.Logs).Distinct().ToDictionary(log => log.Name, log => log.Id);

    /// <summary>Whether there is a source of this operator id.</summary>
    public bool Has(string id) => _sources.Exists(source => source.Id == id);

    /// <summary>Where every source of a job that starts for the first time begins, dealt to its subtasks in turn.</summary>
    public async Task<IReadOnlyList<SubtaskSplits>> DiscoverAsync(CancellationToken cancellation)
    {
        var positions = new List<SubtaskSplits>();
        foreach (var source in _sources)
        {
            positions.AddRange(SplitDeal.Deal(source.Id, await source.DiscoverAsync(cancellation), source.Parallelism));
        }
        return positions;
    }

    /// <summary>Checks that everything from these positions on can still be read, and gives each its stop of this attempt.</summary>
    public async Task<IReadOnlyList<SubtaskSplits>> ResumeAsync(RestorePoint restore, CancellationToken cancellation)
    {
        var resumed = new List<SubtaskSplits>();
        foreach (var source in _sources)
        {
            if (restore.Metadata is { } metadata && metadata.Operators.All(stored => stored.Id != source.Id))
            {
                resumed.AddRange(SplitDeal.Deal(source.Id, await source.DiscoverAsync(cancellation), source.Parallelism));
                continue;
            }
            var own = restore.Positions.Where(one => one.Source == source.Id).ToList();
            if (restore.IsComplete)
            {
                // The job did all that it was to do: for a start after that, a source that resolves its stops does so anew.
                own = [.. own.Select(one => one with { Splits = [.. one.Splits.Select(split => split with { StopRule = null })] })];
            }
            var splits = (await source.ResumeAsync([.. own.SelectMany(one => one.Splits)], restore.Logs, cancellation)).ToDictionary(split => split.Split);
            Leave(restore.CheckpointId, source.Id, [.. own.SelectMany(one => one.Splits).Select(split => split.Split).Where(split => !splits.ContainsKey(split))]);
            var known = own.Select(one => one with { Splits = [.. one.Splits.Where(split => splits.ContainsKey(split.Split)).Select(split => splits[split.Split])] }).ToList();
            resumed.AddRange(SplitDeal.Add(source.Id, known, [.. splits.Values.ExceptBy(own.SelectMany(one => one.Splits).Select(split => split.Split), split => split.Split)], source.Parallelism));
        }
        return resumed;
    }

    /// <summary>Says which splits are not read any more, where that is allowed.</summary>
    private void Leave(long checkpoint, string source, IReadOnlyList<string> splits)
    {
        if (splits.Count == 0)
        {
            return;
        }
        string what = $"where source '{source}' stood in {string.Join(", ", splits)}";
        if (!_settings.AllowDroppedState)
        {
            throw new JobException(
                JobFailure.Configuration,
                $"Checkpoint {checkpoint} holds {what}, which the source does not read any more: let it read that again, or leave it behind with --allow-dropped-state.");
        }
        _logger.Restores(LogLevel.Warning, _settings.Name, checkpoint, RestoreAction.Dropped, what);
    }

    /// <summary>Tells every source subtask what it will read; before anything is restored that is kept for each split.</summary>
    public void TellSplits(ExecutionGraph graph, RestorePoint restore) =>
        ForEachSubtask(restore, (source, index, splits) => graph.Find(source.Id, index).TellSplits([.. splits.Select(split => split.Split)]));

    /// <summary>Gives every source subtask its reader.</summary>
    public void OpenReaders(ExecutionGraph graph, RestorePoint restore) =>
        ForEachSubtask(restore, (source, index, splits) => source.OpenReader(graph.Find(source.Id, index), index, splits));

    private void ForEachSubtask(RestorePoint restore, Action<OpenSource, int, IReadOnlyList<SplitPosition>> act)
    {
        foreach (var source in _sources)
        {
            for (int index = 0; index < source.Parallelism; index++)
            {
                act(source, index, restore.Positions.FirstOrDefault(one => one.Source == source.Id && one.Subtask == index)?.Splits ?? []);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }
    }
}
