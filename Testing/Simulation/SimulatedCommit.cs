using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Testing;

/// <summary>The commit of one life on a simulated log: two transactions in turn, fenced by the life that came last.</summary>
/// <param name="life">The life.</param>
/// <param name="log">The log.</param>
/// <param name="executor">Answers each call at some later step.</param>
/// <param name="answerIsLost">Whether a commit is applied, but nobody hears of it; null loses none.</param>
internal sealed class SimulatedCommit(string life, SimulatedLog log, SimulatedExecutor executor, Func<bool>? answerIsLost = null) : ICheckpointCommit
{
    private SimulatedLog.Transaction? _current;
    private SimulatedLog.Transaction? _closing;

    public List<IStagedWriter> Writers { get; } = [];

    public DateTimeOffset? UploadDeadline => executor.Time.GetUtcNow() + TimeSpan.FromMinutes(5);

    public async Task<CommitStart> StartAsync(CancellationToken cancellation)
    {
        await AnswerAsync();
        log.TakeOver(life);
        await AnswerAsync();
        return new CommitStart(log.Pointer, GroupHasOffsets: log.Pointer is not null, ClusterId: "simulated");
    }

    public Task<CheckpointPointer?> ReadPointerAsync(CancellationToken cancellation) => Task.FromResult(log.Pointer);

    public async Task<bool> CommitFirstAsync(CheckpointPointer pointer, CancellationToken cancellation)
    {
        await AnswerAsync();
        RequireOwner();
        log.Commit(log.Begin(), pointer);
        return answerIsLost?.Invoke() != true;
    }

    public void Compare(IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions) => Invariant.Holds(log.Pointer is not null);

    public Task BeginAsync(CancellationToken cancellation)
    {
        RequireOwner();
        _current = log.Begin();
        return Task.CompletedTask;
    }

    public Task MaySwitchAsync(CancellationToken cancellation) => AnswerAsync();

    public async Task SwitchAsync(long checkpoint, CancellationToken cancellation)
    {
        await AnswerAsync();
        RequireOwner();
        Invariant.Holds(_closing is null);
        _closing = _current;
        _current = log.Begin();
        foreach (var writer in Writers.ToList())
        {
            writer.StopStaging();
        }
    }

    public Task PrepareAsync(CheckpointPointer pointer, IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions, CancellationToken cancellation) => AnswerAsync();

    public async Task CommitAsync(CheckpointPointer pointer, CancellationToken cancellation)
    {
        await AnswerAsync();
        RequireOwner();
        log.Commit(_closing!, pointer);
        _closing = null;
        await AnswerAsync();
        if (answerIsLost?.Invoke() == true)
        {
            throw new JobException(JobFailure.Transient, "the outcome of the commit is unknown");
        }
    }

    public void Append(string topic, int partition, SimulatedLog.Entry entry, bool inTransaction = true)
    {
        if (log.Owner == life)
        {
            log.Append(topic, partition, entry with { Transaction = inTransaction ? _current : null });
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task AnswerAsync()
    {
        var answered = new TaskCompletionSource();
        executor.Later(answered.SetResult);
        await answered.Task;
    }

    private void RequireOwner()
    {
        if (log.Owner != life)
        {
            throw new JobException(JobFailure.Fenced, "another life initialised the transactional ids");
        }
    }
}

/// <summary>A writer that stages after a switch.</summary>
internal interface IStagedWriter
{
    /// <summary>The next transaction has begun: what is staged goes into it.</summary>
    void StopStaging();
}
