namespace Weir.Runtime.Tasks;

/// <summary>A source that is open for one attempt, apart from the type of its records.</summary>
internal abstract class OpenSource(string id, int parallelism) : IAsyncDisposable
{
    public string Id => id;

    public int Parallelism => parallelism;

    public abstract bool StartsFromOwnGroup { get; }

    public abstract LogIdentity? Log { get; }

    public abstract Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation);

    public abstract Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation);

    public abstract void OpenReader(Subtask subtask, int index, IReadOnlyList<SplitPosition> splits);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A source of records of one type.</summary>
internal sealed class OpenSource<T>(string id, int parallelism, ISplitSource<T> source) : OpenSource(id, parallelism)
{
    public override bool StartsFromOwnGroup => source.StartsFromOwnGroup;

    public override LogIdentity? Log => source.Log;

    public override Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => source.DiscoverAsync(cancellation);

    public override Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        source.ResumeAsync(positions, logs, cancellation);

    public override void OpenReader(Subtask subtask, int index, IReadOnlyList<SplitPosition> splits) =>
        ((SourceSubtask<T>)subtask).Open(source.CreateReader(index, splits, () => subtask.Wake()));

    public override ValueTask DisposeAsync() => source.DisposeAsync();
}
