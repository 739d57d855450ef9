using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Tests.Runtime;

public sealed class PressureRunTests
{
    [Theory, InlineData(CheckpointMode.Unaligned), InlineData(CheckpointMode.Aligned)]
    public async Task A_job_without_a_log_takes_checkpoints_while_all_its_queues_are_full(CheckpointMode mode)
    {
        string folder = Directory.CreateTempSubdirectory("weir").FullName;
        var reports = new Reports(stopAfter: 4);
        try
        {
            for (int run = 0; run < 2; run++)
            {
                var runner = new JobRunner(
                    new PressureJob(recordsPerSecondPerSubtask: 20_000, accounts: 1000),
                    new JobSettings { Name = "pressure", Parallelism = 2, CheckpointInterval = TimeSpan.FromMilliseconds(50), CheckpointMode = mode, AlignedCheckpointTimeout = TimeSpan.Zero },
                    new LocalStorage(folder),
                    null!,
                    new JobRunnerServices { Observer = reports = new Reports(stopAfter: 4) });
                Assert.Equal(JobOutcome.Stopped, await runner.RunAsync(reports.Stop, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
                Assert.Equal(run == 0, reports.Restored is null);
                foreach (var r in reports.All) TestContext.Current.TestOutputHelper?.WriteLine(r.ToString());
            }
            Assert.Equal(mode == CheckpointMode.Unaligned, reports.InFlightRestored > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_mode_of_a_running_jobs_checkpoints_can_be_changed()
    {
        string folder = Directory.CreateTempSubdirectory("weir").FullName;
        JobRunner? runner = null;
        using var reports = new Reports(stopAfter: 4) { OnReport = _ => runner!.CheckpointMode = CheckpointMode.Aligned };
        try
        {
            runner = new JobRunner(
                new PressureJob(recordsPerSecondPerSubtask: 20_000, accounts: 1000),
                new JobSettings { Name = "pressure", CheckpointInterval = TimeSpan.FromMilliseconds(50), AlignedCheckpointTimeout = TimeSpan.Zero },
                new LocalStorage(folder),
                null!,
                new JobRunnerServices { Observer = reports });
            await runner.RunAsync(reports.Stop, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            Assert.Equal([CheckpointMode.Unaligned, CheckpointMode.Aligned], reports.All.Take(2).Select(report => report.Mode));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_checkpoint_that_waits_too_long_turns_unaligned()
    {
        string folder = Directory.CreateTempSubdirectory("weir").FullName;
        using var reports = new Reports(stopAfter: 3);
        try
        {
            var runner = new JobRunner(
                new PressureJob(recordsPerSecondPerSubtask: 100, accounts: 1000),
                new JobSettings { Name = "pressure", Parallelism = 2, CheckpointInterval = TimeSpan.FromMilliseconds(50), AlignedCheckpointTimeout = TimeSpan.FromMilliseconds(100) },
                new LocalStorage(folder),
                null!,
                new JobRunnerServices { Observer = reports });
            await runner.RunAsync(reports.Stop, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            // At a hundred records a second, what is queued takes seconds to drain.
            var turned = reports.All.Where(report => report.TurnedAfter >= TimeSpan.FromMilliseconds(100)).ToList();
            Assert.NotEmpty(turned);
            Assert.All(turned, report => Assert.True(report is { Mode: CheckpointMode.Unaligned, InFlightRecords: > 0 }, $"{report}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public Task A_stop_does_not_wait_for_what_is_queued() => StopAsync(CheckpointMode.Unaligned, recordsPerSecond: 10, last => Assert.True(last.InFlightRecords > 0, $"{last}"));

    [Fact]
    public Task A_stop_of_a_job_whose_checkpoints_are_aligned_leaves_nothing_in_flight() => StopAsync(
        CheckpointMode.Aligned, recordsPerSecond: 5_000, last => Assert.True(last is { Mode: CheckpointMode.Aligned, InFlightRecords: 0 }, $"{last}"));

    private static async Task StopAsync(CheckpointMode mode, double recordsPerSecond, Action<CheckpointReport> check)
    {
        string folder = Directory.CreateTempSubdirectory("weir").FullName;
        using var stop = new CancellationTokenSource();
        using var reports = new Reports(stopAfter: int.MaxValue);
        try
        {
            var runner = new JobRunner(
                new PressureJob(recordsPerSecond, accounts: 1000),
                new JobSettings { Name = "pressure", Parallelism = 2, CheckpointInterval = TimeSpan.FromMilliseconds(1), CheckpointMode = mode, AlignedCheckpointTimeout = TimeSpan.FromMinutes(1) },
                new LocalStorage(folder),
                null!,
                new JobRunnerServices { Observer = reports });
            var run = runner.RunAsync(stop.Token, TestContext.Current.CancellationToken);
            while (runner.Status.RecordsIn < 500)
            {
                await Task.Yield();      // at ten a second, what is queued then takes half a minute to drain
            }
            await stop.CancelAsync();
            Assert.Equal(JobOutcome.Stopped, await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
            check(reports.All[^1]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Reports(int stopAfter) : IJobObserver, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public List<CheckpointReport> All { get; } = [];

        public Action<CheckpointReport> OnReport { get; init; } = _ => { };

        public long? Restored { get; private set; }

        public long InFlightRestored { get; private set; }

        public CancellationToken Stop => _stop.Token;

        public void Dispose() => _stop.Dispose();

        public void Started(long? restored, long inFlightRecords) => (Restored, InFlightRestored) = (restored, inFlightRecords);

        public void CheckpointCompleted(CheckpointReport report)
        {
            All.Add(report);
            OnReport(report);
            if (All.Count == stopAfter)
            {
                _stop.Cancel();
            }
        }
    }
}
