using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

public sealed class StuckSubtaskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_operator_that_does_not_come_back_is_named_and_one_that_came_back_late_too()
    {
        var time = new ShiftedTime();
        using var job = new HangingJob();
        using var log = new LogLines();
        var runner = new JobRunner(job, new JobSettings { Name = "hangs", CheckpointInterval = TimeSpan.Zero }, new LocalStorage(_folder), null!, new JobRunnerServices { Time = time, Loggers = log });
        var run = runner.RunAsync(CancellationToken.None, TestContext.Current.CancellationToken);
        await job.Hangs.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        time.Shift(TimeSpan.FromSeconds(12));
        var stuck = runner.Status.Stuck;
        job.GoOn();
        Assert.Equal(JobOutcome.Finished, await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));

        Assert.Equal("numbers -> map-1 -> nowhere #0", stuck!.Name);
        Assert.InRange(stuck.For, TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(72));
        Assert.Null(runner.Status.Stuck);
        Assert.Contains(log.Warnings, line => line.Contains("Job hangs: numbers -> map-1 -> nowhere #0 took 1", StringComparison.Ordinal));
    }
}
