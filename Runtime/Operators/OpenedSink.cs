namespace Weir.Runtime.Operators;

/// <summary>A sink that is open for one attempt, shared by the subtasks of its operator.</summary>
internal abstract class OpenedSink : IAsyncDisposable
{
    /// <summary>Checks, before anything runs, that it can be written.</summary>
    public abstract Task CheckAsync(CancellationToken cancellation);

    public abstract ValueTask DisposeAsync();
}

/// <summary>An open sink of one type of records.</summary>
internal sealed class OpenedSink<T>(ISink<T> sink) : OpenedSink
{
    public ISink<T> Sink => sink;

    public override Task CheckAsync(CancellationToken cancellation) => sink.CheckAsync(cancellation);

    public override ValueTask DisposeAsync() => sink.DisposeAsync();
}
