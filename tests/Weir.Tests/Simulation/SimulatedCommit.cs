using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Tests.Simulation;

/// <summary>The commit of one life on a simulated log: two transactions in turn, fenced by the life that came last.</summary>
internal sealed class SimulatedCommit(string life, SimulatedLog log, SimulatedExecutor executor, Faults faults) : ICheckpointCommit
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
        return !faults.CommitAnswerIsLost();
    }

    public void Compare(IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions) => Assert.NotNull(log.Pointer);

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
        Assert.Null(_closing);
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
        if (faults.CommitAnswerIsLost())
        {
            throw new JobException(JobFailure.Transient, "the outcome of the commit is unknown");
        }
    }

    public void Append(string topic, int partition, byte[] key, byte[] value)
    {
        if (log.Owner == life)
        {
            log.Append(topic, partition, key, value, _current);
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
