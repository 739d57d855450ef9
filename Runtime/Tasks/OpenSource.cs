namespace Weir.Runtime.Tasks;

/// <summary>A source that is open for one attempt, apart from the type of its records.</summary>
internal abstract class OpenSource(string id, int parallelism) : IAsyncDisposable
{
    public string Id => id;

    public int Parallelism => parallelism;

    public abstract bool StartsFromOwnGroup { get; }

    public abstract IReadOnlyList<LogIdentity> Logs { get; }

    public abstract Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation);

    public abstract Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation);

    public abstract void OpenReader(Subtask subtask, int index, IReadOnlyList<SplitPosition> splits);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A source of records of one type.</summary>
internal sealed class OpenSource<T>(string id, int parallelism, ISource<T> source) : OpenSource(id, parallelism)
{
    public override bool StartsFromOwnGroup => source.StartsFromOwnGroup;

    public override IReadOnlyList<LogIdentity> Logs => source.Logs;

    public override Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => source.DiscoverAsync(cancellation);

    public override Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
        source.ResumeAsync(positions, logs, cancellation);

    public override void OpenReader(Subtask subtask, int index, IReadOnlyList<SplitPosition> splits)
    {
        var reading = (SourceSubtask<T>)subtask;
        switch (source)
        {
            case ISplitSource<T> asked:
                reading.Open(asked.CreateReader(index, splits, () => subtask.Wake()));
                break;
            case ILegacySource<T> pushing:
                reading.Open(pushing.CreateReader(index, splits));
                break;
            default:
                throw new InvalidOperationException($"Source '{Id}' is neither a split source nor a legacy source.");
        }
    }

    public override ValueTask DisposeAsync() => source.DisposeAsync();
}
