using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Weir.Runtime;
using Weir.StateStore;
using Weir.StateStore.Azure;
using Weir.Tests.Doubles;

namespace Weir.Tests.StateStore;

/// <summary>One host at a time runs a job whose pointer lies in a container; the lease is Azure's, or its emulator's.</summary>
public sealed class AzureJobLockTests(Azurite azurite) : IAsyncLifetime
{
    private const string Latest = "numbers/0/LATEST";
    private const int Numbers = 3000;

    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private BlobContainerClient _container = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _container = await azurite.ContainerAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Who_finds_a_job_held_is_told_by_whom_since_when()
    {
        await using var held = await Storage().LockAsync("numbers", 0, Unexpected, Now);
        var refused = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await Storage().LockAsync("numbers", 0, Unexpected, Now));
        Assert.Equal(StorageFailure.Locked, refused.Reason);
        Assert.Matches($"^The job 'numbers' runs already: process {Environment.ProcessId} on {Environment.MachineName}, since 20..-..-..T..:..:..Z, holds {Latest} in http.*60 s later\\.$", refused.Message);
    }

    [Fact]
    public async Task A_hold_is_renewed_all_the_while()
    {
        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int renewals = 0;
        var counted = await azurite.ContainerAsync(new BlobFaultPolicy((request, _) =>
        {
            if (request.Headers.TryGetValue("x-ms-lease-action", out string? action) && action == "renew" && ++renewals == 5)
            {
                renewed.SetResult();
            }
            return BlobFault.None;
        }));
        await using var held = await Storage(counted).LockAsync("numbers", 0, Unexpected, Now);
        await renewed.Task.WaitAsync(Hang, Now);
        await held.WritePointerAsync(new byte[] { 1 }, Now);
    }

    [Fact]
    public async Task One_that_another_took_over_is_told_and_writes_nothing_any_more()
    {
        var lost = new TaskCompletionSource<CheckpointStorageException>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var held = await Storage().LockAsync("numbers", 0, lost.SetResult, Now);
        await held.WritePointerAsync(new byte[] { 1 }, Now);
        await using var other = await TakeOverAsync();
        await other.WritePointerAsync(new byte[] { 2 }, Now);
        var told = await lost.Task.WaitAsync(Hang, Now);
        Assert.Contains("has lost its hold", told.Message, StringComparison.Ordinal);
        Assert.Contains($"to process {Environment.ProcessId} on", told.Message, StringComparison.Ordinal);
        await MustBeLockedAsync(held);
    }

    [Fact]
    public async Task One_that_does_not_know_yet_is_refused_by_the_store()
    {
        await using var held = await Storage(times: new LeaseTimes()).LockAsync("numbers", 0, Unexpected, Now);
        await using var other = await TakeOverAsync();
        await other.WritePointerAsync(new byte[] { 2 }, Now);
        await MustBeLockedAsync(held);
    }

    [Fact]
    public async Task One_that_can_not_be_renewed_counts_as_lost_before_another_can_have_it()
    {
        var lost = new TaskCompletionSource<CheckpointStorageException>(TaskCreationOptions.RunContinuationsAsynchronously);
        var away = await azurite.ContainerAsync(new BlobFaultPolicy((request, _) =>
            request.Headers.TryGetValue("x-ms-lease-action", out string? action) && action == "renew" ? BlobFault.Silence : BlobFault.None));
        var soon = TimeSpan.FromMilliseconds(300);
        await using var held = await Storage(away, new LeaseTimes { Renew = soon / 10, Retry = soon / 10, Held = soon }).LockAsync("numbers", 0, lost.SetResult, Now);
        Assert.Contains("could not be renewed", (await lost.Task.WaitAsync(Hang, Now)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CheckpointStorageException>(async () => await held.WritePointerAsync(new byte[] { 1 }, Now));
    }

    [Fact]
    public async Task A_job_waits_for_the_hold_of_a_host_that_died_and_says_so()
    {
        var blob = _container.GetBlockBlobClient(Latest);
        await Storage().WriteAsync(Latest, ReadOnlyMemory<byte>.Empty, replace: false, Now);
        await blob.GetBlobLeaseClient().AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, cancellationToken: Now);
        await blob.GetBlobLeaseClient().BreakAsync(TimeSpan.FromSeconds(3), cancellationToken: Now); // It ends by itself, sooner than any that is granted.
        var sink = new RoomSink<long>("out");
        var log = new LogLines();
        Assert.Equal(JobOutcome.Finished, await Run(sink, log, Storage()).WaitAsync(Hang, Now));
        Assert.Equal(Numbers, sink.Count);
        Assert.All(log.Warnings, line => Assert.Matches("^Job numbers gives way to another life of itself and looks again in .* The job 'numbers' runs already: somebody who does not say who holds", line));
        Assert.NotEmpty(log.Warnings);
    }

    [Fact]
    public async Task A_job_that_loses_its_hold_ends_its_attempt_uncommitted_and_comes_back_when_the_other_lets_go()
    {
        var sink = new RoomSink<long>("out", room: Numbers / 2);
        var log = new LogLines();
        var committed = new Committed();
        var job = Run(sink, log, Storage(), committed);
        await committed.First.WaitAsync(Hang, Now);
        long[] found;
        byte[] before;
        await using (await TakeOverAsync())
        {
            before = await PointerAsync();
            await log.SaidAsync(line => line.Contains("gives way", StringComparison.Ordinal), Now);
            found = committed.Ids;
            sink.Give(Numbers); // Nobody reads it as long as another has the job.
            Assert.Equal(before, await PointerAsync());
        }
        Assert.Equal(JobOutcome.Finished, await job.WaitAsync(Hang, Now));
        Assert.Contains(log.Warnings, line => line.Contains("gives way to another life of itself", StringComparison.Ordinal) && line.Contains("has lost its hold", StringComparison.Ordinal));
        Assert.True(committed.Ids[^1] > found[^1], $"{committed.Ids[^1]}");
        Assert.Equal(Enumerable.Range(0, Numbers).Select(number => (long)number), sink.Records.Distinct().Order());
    }

    private static Task<JobOutcome> Run(RoomSink<long> sink, LogLines log, ICheckpointStorage storage, IJobObserver? observer = null) => new JobRunner(
        new Copying(sink),
        new JobSettings { Name = "numbers", CheckpointInterval = TimeSpan.FromMilliseconds(20), AlignedCheckpointTimeout = TimeSpan.Zero },
        storage,
        null!,
        new JobRunnerServices { Loggers = log, Observer = observer }).RunAsync(CancellationToken.None, Now);

    private static void Unexpected(CheckpointStorageException lost) => Assert.Fail(lost.Message);

    private AzureBlobStorage Storage(BlobContainerClient? container = null, LeaseTimes? times = null) => new(container ?? _container)
    {
        LeaseTimes = times ?? new LeaseTimes { Renew = TimeSpan.FromMilliseconds(20), Retry = TimeSpan.FromMilliseconds(20), Held = TimeSpan.FromSeconds(50) },
    };

    /// <summary>What another host does when the lease has ended, without the wait for that.</summary>
    private async Task<IJobLock> TakeOverAsync()
    {
        while (true)
        {
            try
            {
                await _container.GetBlockBlobClient(Latest).GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Now);
                return await Storage(times: new LeaseTimes()).LockAsync("numbers", 0, Unexpected, Now);
            }
            catch (Exception again) when (again is CheckpointStorageException { Reason: StorageFailure.Locked } or Azure.RequestFailedException)
            {
                Now.ThrowIfCancellationRequested(); // The job's own renewal or its next attempt came between.
            }
        }
    }

    private async Task<byte[]> PointerAsync() => (await _container.GetBlobClient(Latest).DownloadContentAsync(Now)).Value.Content.ToArray();

    private async Task MustBeLockedAsync(IJobLock held)
    {
        var refused = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await held.WritePointerAsync(new byte[] { 3 }, Now));
        Assert.Equal(StorageFailure.Locked, refused.Reason);
        Assert.Equal([2], await PointerAsync());
    }

    private sealed class Copying(RoomSink<long> sink) : IJob
    {
        public void Build(JobBuilder job) => job.From(new NumberSource("numbers", 1, Numbers)).To(sink);
    }

    private sealed class Committed : IJobObserver
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile long[] _ids = [];

        public Task First => _first.Task;

        public long[] Ids => _ids;

        public void CheckpointCompleted(CheckpointReport report)
        {
            _ids = [.. _ids, report.Id];
            _first.TrySetResult();
        }
    }
}
