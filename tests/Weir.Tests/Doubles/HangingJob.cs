using Weir.Tests.Graph;

namespace Weir.Tests.Doubles;

/// <summary>A job whose operator does not come back from its first record until it is let go.</summary>
internal sealed class HangingJob : IJob, IDisposable
{
    private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _goesOn = new();

    /// <summary>Completes when it is at that record.</summary>
    public Task Hangs => _hangs.Task;

    public void Build(JobBuilder job) => job.From(new NumberSource("numbers", splits: 1, count: 3)).Map(Hang).To(new ListSink<long>("nowhere"));

    public void GoOn() => _goesOn.Set();

    public void Dispose() => _goesOn.Dispose();

    private long Hang(long number)
    {
        _hangs.TrySetResult();
        _goesOn.Wait();
        return number;
    }
}
