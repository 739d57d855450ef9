using Weir.Runtime.Checkpointing;
using Weir.Runtime.Graph;

namespace Weir.Runtime.Tasks;

/// <summary>The open sources of one attempt, by their operator ids.</summary>
internal sealed class SourceSet : IAsyncDisposable
{
    private readonly List<OpenSource> _sources = [];

    public static SourceSet Open(ExecutionPlan plan, IConnectors connectors)
    {
        var set = new SourceSet();
        foreach (var task in plan.Tasks.Where(task => task.StartsWithSource))
        {
            set._sources.Add(task.Accept(new Opener(connectors)));
        }
        return set;
    }

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

    /// <summary>Checks that everything from these positions on can still be read.</summary>
    public async Task CheckAsync(IReadOnlyList<SubtaskSplits> positions, CancellationToken cancellation)
    {
        foreach (var source in _sources)
        {
            await source.CheckAsync([.. positions.Where(one => one.Source == source.Id).SelectMany(one => one.Splits)], cancellation);
        }
    }

    /// <summary>Gives every source subtask its reader.</summary>
    public void OpenReaders(ExecutionGraph graph, RestorePoint restore)
    {
        foreach (var source in _sources)
        {
            for (int index = 0; index < source.Parallelism; index++)
            {
                var splits = restore.Positions.FirstOrDefault(one => one.Source == source.Id && one.Subtask == index)?.Splits ?? [];
                source.OpenReader(graph.Find(source.Id, index), index, splits);
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

    private abstract class OpenSource(string id, int parallelism) : IAsyncDisposable
    {
        public string Id => id;

        public int Parallelism => parallelism;

        public abstract Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation);

        public abstract Task CheckAsync(IReadOnlyList<SplitPosition> positions, CancellationToken cancellation);

        public abstract void OpenReader(Subtask subtask, int index, IReadOnlyList<SplitPosition> splits);

        public abstract ValueTask DisposeAsync();
    }

    private sealed class OpenSource<T>(string id, int parallelism, ISplitSource<T> source) : OpenSource(id, parallelism)
    {
        public override Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => source.DiscoverAsync(cancellation);

        public override Task CheckAsync(IReadOnlyList<SplitPosition> positions, CancellationToken cancellation) => source.CheckAsync(positions, cancellation);

        public override void OpenReader(Subtask subtask, int index, IReadOnlyList<SplitPosition> splits) =>
            ((SourceSubtask<T>)subtask).Open(source.CreateReader(index, splits, () => subtask.Wake()));

        public override ValueTask DisposeAsync() => source.DisposeAsync();
    }

    private sealed class Opener(IConnectors connectors) : ITaskVisitor<OpenSource>
    {
        public OpenSource VisitSource<T>(TaskPlan task, SourceNode<T> source) => new OpenSource<T>(source.Id, task.Parallelism, source.Open(connectors));

        public OpenSource VisitGate<T>(TaskPlan task) => throw new InvalidOperationException($"{task.Name} is no source.");
    }
}
