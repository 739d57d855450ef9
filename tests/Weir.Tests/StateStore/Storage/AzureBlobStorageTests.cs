using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Weir.StateStore;
using Weir.StateStore.Azure;
using Weir.Tests.Doubles;

namespace Weir.Tests.StateStore;

public sealed class AzureBlobStorageTests(Azurite azurite) : CheckpointStorageContract, IAsyncLifetime
{
    private BlobContainerClient _container = null!;

    protected override ICheckpointStorage Storage => field ??= new AzureBlobStorage(_container);

    public async ValueTask InitializeAsync() => _container = await azurite.ContainerAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_file_of_many_blocks_is_whole_and_takes_no_more_memory_than_it_may()
    {
        var storage = new AzureBlobStorage(_container, "below/here", uploadBytes: 3 << 20);
        byte[] content = new byte[(9 << 20) + 17];
        new Random(1).NextBytes(content);
        await using (var file = await storage.CreateAsync("job/a", Cancellation))
        {
            await file.AppendAsync(content.AsMemory(0, 100), Cancellation);
            await file.AppendAsync(content.AsMemory(100), Cancellation);
            await file.CommitAsync(Cancellation);
        }
        Assert.Equal(content, await storage.ReadAsync("job/a", 0, content.Length, Cancellation));
        Assert.Equal(["job/a"], await storage.ListAsync("job", Cancellation));
        Assert.True(await _container.GetBlobClient("below/here/job/a").ExistsAsync(Cancellation));
        Assert.InRange(storage.Memory.Made, 1, 3);
    }

    [Theory]
    [InlineData(1000, 1, 1)]
    [InlineData(1000, 60, 1)]
    [InlineData(2 << 20, 1, 3)]
    [InlineData((1 << 20) + 20, 10, 12)] // What exceeds the blocks goes into one more.
    [InlineData((1 << 20) + (128 << 10), 3, 7)]
    public async Task A_file_costs_a_call_for_each_block_and_one_for_their_list(int bytes, int pieces, int calls)
    {
        int made = 0;
        var storage = new AzureBlobStorage(await azurite.ContainerAsync(new BlobFaultPolicy((_, _) =>
        {
            Interlocked.Increment(ref made);
            return BlobFault.None;
        })));
        await storage.WriteAsync("job/first", new byte[] { 1 }, replace: false, Cancellation); // Makes the container.
        made = 0;
        await using var file = await storage.CreateAsync("job/a", Cancellation);
        byte[] content = new byte[bytes * pieces];
        new Random(1).NextBytes(content);
        for (int piece = 0; piece < pieces; piece++)
        {
            await file.AppendAsync(content.AsMemory(piece * bytes, bytes), Cancellation);
        }
        await file.CommitAsync(Cancellation);
        Assert.Equal(calls, made);
        Assert.Equal(content, await storage.ReadAsync("job/a", 0, content.Length, Cancellation));
    }

    [Fact]
    public async Task An_abandoned_file_gives_its_memory_back()
    {
        var storage = new AzureBlobStorage(_container, uploadBytes: 2 << 20);
        for (int i = 0; i < 4; i++)
        {
            await using var file = await storage.CreateAsync("job/a", Cancellation);
            await file.AppendAsync(new byte[2 << 20], Cancellation);
        }
        Assert.Empty(await storage.ListAsync("job", Cancellation));
    }

    [Fact]
    public async Task A_place_is_named_without_its_secrets()
    {
        var connected = new BlobContainerClient(await azurite.ConnectionStringAsync(), "checkpoints");
        var signed = connected.GenerateSasUri(Azure.Storage.Sas.BlobContainerSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1));
        Assert.EndsWith("/checkpoints/jobs", new AzureBlobStorage(new BlobContainerClient(signed), "jobs").Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_write_is_told_so()
    {
        await _container.CreateAsync(cancellationToken: Cancellation);
        var reading = _container.GenerateSasUri(Azure.Storage.Sas.BlobContainerSasPermissions.Read, DateTimeOffset.UtcNow.AddHours(1));
        var storage = new AzureBlobStorage(new BlobContainerClient(reading, AzureBlobStorage.CreateClientOptions()));
        var refused = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await storage.WriteAsync("job/a", new byte[] { 1 }, replace: false, Cancellation));
        Assert.Equal(StorageFailure.Refused, refused.Reason);
        Assert.DoesNotContain("sig=", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_unavailable()
    {
        var options = AzureBlobStorage.CreateClientOptions();
        options.Retry.MaxRetries = 0;
        var storage = new AzureBlobStorage(new BlobContainerClient(new Uri("http://127.0.0.1:1/account/container"), options));
        var away = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await storage.ListAsync("job", Cancellation));
        Assert.Equal(StorageFailure.Unavailable, away.Reason);
    }

    [Fact]
    public async Task One_that_never_answers_is_unavailable_and_who_gives_up_waiting_is_told_so()
    {
        var storage = new AzureBlobStorage(await azurite.ContainerAsync(new BlobFaultPolicy((_, _) => BlobFault.Silence), limit: TimeSpan.FromMilliseconds(50)));
        var silent = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await storage.WriteAsync("job/a", new byte[] { 1 }, replace: false, Cancellation));
        Assert.Equal(StorageFailure.Unavailable, silent.Reason);
        using var given = new CancellationTokenSource();
        var call = storage.ReadAsync("job/a", 0, 1, given.Token).AsTask();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_file_whose_block_is_being_tried_again_is_abandoned_in_peace()
    {
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var container = await azurite.ContainerAsync(
            new BlobFaultPolicy((request, number) =>
            {
                if (!request.Uri.Query.Contains("comp=block&", StringComparison.Ordinal))
                {
                    return BlobFault.None;
                }
                if (number == 3)
                {
                    again.TrySetResult();
                }
                return BlobFault.Silence;
            }),
            limit: TimeSpan.FromSeconds(1));
        var file = await new AzureBlobStorage(container).CreateAsync("job/a", Cancellation);
        await file.AppendAsync(new byte[1 << 20], Cancellation);
        await again.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        await file.DisposeAsync();
    }

    [Fact]
    public async Task A_store_that_is_away_is_said_once_and_then_the_blocks_go_up_by_themselves()
    {
        bool isAway = true;
        var container = await azurite.ContainerAsync(new BlobFaultPolicy((request, _) => isAway && request.Uri.Query.Contains("comp=block&", StringComparison.Ordinal) ? BlobFault.Busy : BlobFault.None));
        var storage = new AzureBlobStorage(container, uploadBytes: 1 << 20);
        await using (var file = await storage.CreateAsync("job/a", Cancellation))
        {
            await file.AppendAsync(new byte[1 << 20], Cancellation);
            var away = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await file.CommitAsync(Cancellation));
            Assert.Equal(StorageFailure.Unavailable, away.Reason);
            isAway = false;
            // Another file's writer gets the memory although nobody calls the first one.
            await storage.WriteAsync("job/b", new byte[] { 1 }, replace: false, Cancellation);
            await using (var other = await storage.CreateAsync("job/c", Cancellation))
            {
                await other.AppendAsync(new byte[1 << 20], Cancellation);
                await other.CommitAsync(Cancellation);
            }
            await UntilDoneAsync(() => file.CommitAsync(Cancellation));
        }
    }

    // What fails once more meanwhile is said, too: a call that failed may be made again.
    private static async Task UntilDoneAsync(Func<ValueTask> call)
    {
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (CheckpointStorageException failure) when (failure.Reason == StorageFailure.Unavailable)
            {
                Cancellation.ThrowIfCancellationRequested();
            }
        }
    }
}

/// <summary>The same while the first two tries of every call fail.</summary>
public sealed class AzureBlobStorageUnderFaultsTests(Azurite azurite) : CheckpointStorageContract, IAsyncLifetime
{
    private static readonly BlobFault[] Kinds = [BlobFault.Busy, BlobFault.AnswerLost, BlobFault.Slow, BlobFault.Cut];

    private BlobFaultPolicy _faults = null!;

    protected override ICheckpointStorage Storage => field ??= new AzureBlobStorage(Container);

    private BlobContainerClient Container { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        int calls = 0;
        _faults = new BlobFaultPolicy((_, number) => number > 2 ? BlobFault.None : Kinds[Interlocked.Increment(ref calls) % Kinds.Length]);
        Container = await azurite.ContainerAsync(_faults);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Whatever_fails_a_checkpoint_is_written_once_and_whole()
    {
        for (int i = 0; i < 20; i++)
        {
            byte[] content = [.. Enumerable.Repeat((byte)i, (3 << 20) + i)];
            await using (var file = await Storage.CreateAsync($"job/{i}/state-0", Cancellation))
            {
                await file.AppendAsync(content, Cancellation);
                await file.CommitAsync(Cancellation);
            }
            await Storage.WriteAsync($"job/{i}/_metadata", content.AsMemory(0, 1000), replace: false, Cancellation);
            Assert.Equal(content, await Storage.ReadAsync($"job/{i}/state-0", 0, content.Length, Cancellation));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{_faults.Injected} faults");
        Assert.True(_faults.Injected > 200, $"{_faults.Injected} faults");
    }
}
