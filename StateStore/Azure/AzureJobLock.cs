using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Weir.StateStore.Azure;

/// <summary>Keeps a second host away from a job by a lease on its pointer: the very blob whose writing is the commit, so that Azure itself refuses the commit of one who lost the lease.</summary>
/// <remarks>
/// The lease lasts <see cref="LeaseTimes.Lease"/> and is renewed all the while; that of a process that died ends by itself. Who could not renew it for
/// <see cref="LeaseTimes.Held"/> counts it as lost, before another can have it. The blob's metadata says who holds it. Before the first commit the blob is
/// empty. Thread: any; one writes at a time.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "It is disposed asynchronously.")]
internal sealed class AzureJobLock : IJobLock
{
    private const string MachineKey = "weirmachine", ProcessKey = "weirprocess", SinceKey = "weirsince";

    // Letting go is a courtesy: the lease ends by itself.
    private static readonly TimeSpan ReleaseMax = TimeSpan.FromSeconds(5);

    private readonly AzureBlobStorage _storage;
    private readonly string _job;
    private readonly string _name;
    private readonly BlockBlobClient _blob;
    private readonly BlobLeaseClient _lease;
    private readonly Dictionary<string, string> _holder;
    private readonly Action<CheckpointStorageException> _lost;
    private readonly CancellationTokenSource _released = new();
    private long _renewed;
    private volatile CheckpointStorageException? _loss;
    private Task _renewing = Task.CompletedTask;

    private AzureJobLock(AzureBlobStorage storage, string job, string name, BlockBlobClient blob, Action<CheckpointStorageException> lost)
    {
        _storage = storage;
        _job = job;
        _name = name;
        _blob = blob;
        _lease = blob.GetBlobLeaseClient();
        _lost = lost;
        _holder = new()
        {
            [MachineKey] = Uri.EscapeDataString(Environment.MachineName), // Metadata are headers.
            [ProcessKey] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            [SinceKey] = storage.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
    }

    private LeaseTimes Times => _storage.LeaseTimes;

    private TimeSpan SinceRenewed => _storage.Time.GetElapsedTime(Volatile.Read(ref _renewed));

    public static async Task<AzureJobLock> TakeAsync(AzureBlobStorage storage, string job, string name, BlockBlobClient blob, Action<CheckpointStorageException> lost, CancellationToken cancellation)
    {
        var taken = new AzureJobLock(storage, job, name, blob, lost);
        while (!await taken.TryTakeAsync(cancellation).ConfigureAwait(false))
        {
            await taken.CreateAsync(cancellation).ConfigureAwait(false);
        }
        try
        {
            await blob.SetMetadataAsync(taken._holder, taken.Conditions(), cancellation).ConfigureAwait(false);
        }
        catch
        {
            await taken.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        taken._renewing = taken.RenewAsync();
        return taken;
    }

    public async ValueTask<byte[]?> ReadPointerAsync(CancellationToken cancellation) =>
        await _storage.LengthAsync(_name, cancellation).ConfigureAwait(false) is > 0 and var length
            ? await _storage.ReadAsync(_name, 0, checked((int)length), cancellation).ConfigureAwait(false)
            : null;

    public async ValueTask WritePointerAsync(ReadOnlyMemory<byte> pointer, CancellationToken cancellation) =>
        await _storage.CallAsync(_name, async () =>
        {
            if (_loss is { } loss)
            {
                throw loss;
            }
            try
            {
                var options = new BlobUploadOptions { Conditions = Conditions(), Metadata = _holder };
                return await _blob.UploadAsync(BinaryData.FromBytes(pointer).ToStream(), options, cancellation).ConfigureAwait(false);
            }
            catch (RequestFailedException failure) when (IsLost(failure))
            {
                throw await LossAsync(failure, cancellation).ConfigureAwait(false);
            }
        }, cancellation).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _released.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _released.Dispose();
        using var limit = new CancellationTokenSource(ReleaseMax, _storage.Time);
        try
        {
            await _lease.ReleaseAsync(conditions: null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException or OperationCanceledException or IOException or HttpRequestException)
        {
            // It was lost, or ends by itself.
        }
    }

    /// <summary>False: there is no such blob yet.</summary>
    private async Task<bool> TryTakeAsync(CancellationToken cancellation)
    {
        Volatile.Write(ref _renewed, _storage.Time.GetTimestamp());
        try
        {
            await _lease.AcquireAsync(Times.Lease, conditions: null, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return false;
        }
        catch (RequestFailedException held) when (held.ErrorCode == BlobErrorCode.LeaseAlreadyPresent || held.ErrorCode == BlobErrorCode.LeaseIsBreakingAndCannotBeAcquired)
        {
            throw Locked(
                $"The job '{_job}' runs already: {await HolderAsync(cancellation).ConfigureAwait(false)} holds {_name} in {_storage.Location}. Stop it there; the hold of a process that was killed ends {Times.Lease.TotalSeconds:0} s later",
                held);
        }
    }

    private async Task CreateAsync(CancellationToken cancellation)
    {
        try
        {
            await _storage.WriteAsync(_name, ReadOnlyMemory<byte>.Empty, replace: false, cancellation).ConfigureAwait(false);
        }
        catch (CheckpointStorageException exists) when (exists.Reason == StorageFailure.Exists)
        {
            // By another host, just now.
        }
    }

    private async Task RenewAsync()
    {
        var pause = Times.Renew;
        try
        {
            while (_loss is null)
            {
                await Task.Delay(pause, _storage.Time, _released.Token).ConfigureAwait(false);
                pause = await TryRenewAsync().ConfigureAwait(false) ? Times.Renew : Times.Retry;
            }
        }
        catch (Exception given) when (_released.IsCancellationRequested && given is OperationCanceledException or AggregateException)
        {
            return;
        }
        _lost(_loss);
    }

    private async Task<bool> TryRenewAsync()
    {
        long began = _storage.Time.GetTimestamp();
        var left = Times.Held - SinceRenewed;
        if (left <= TimeSpan.Zero)
        {
            _loss = Locked($"The hold of job '{_job}' on {_name} in {_storage.Location} could not be renewed for {Times.Held.TotalSeconds:0} s, so that another host may soon have it", inner: null);
            return false;
        }
        using var limit = new CancellationTokenSource(left, _storage.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _released.Token);
        try
        {
            await _lease.RenewAsync(conditions: null, either.Token).ConfigureAwait(false);
            Volatile.Write(ref _renewed, began);
            return true;
        }
        catch (RequestFailedException failure) when (IsLost(failure))
        {
            _loss = await LossAsync(failure, either.Token).ConfigureAwait(false);
            return false;
        }
        catch (Exception failure) when (BlobFaults.Translate(failure, _name, _storage.Location, _released.Token) is not null)
        {
            return false;
        }
    }

    private BlobRequestConditions Conditions() => new() { LeaseId = _lease.LeaseId };

    private static bool IsLost(RequestFailedException failure) => failure.Status == 404 || failure.ErrorCode?.StartsWith("Lease", StringComparison.Ordinal) == true;

    private async Task<CheckpointStorageException> LossAsync(RequestFailedException failure, CancellationToken cancellation) =>
        Locked($"The job '{_job}' has lost its hold on {_name} in {_storage.Location} to {await HolderAsync(cancellation).ConfigureAwait(false)}", failure);

    /// <summary>Who holds it, or held it last, as far as the blob says.</summary>
    private async Task<string> HolderAsync(CancellationToken cancellation)
    {
        try
        {
            var found = (await _blob.GetPropertiesAsync(conditions: null, cancellation).ConfigureAwait(false)).Value.Metadata;
            return found.TryGetValue(MachineKey, out string? machine) && found.TryGetValue(ProcessKey, out string? process) && found.TryGetValue(SinceKey, out string? since)
                ? $"process {process} on {Uri.UnescapeDataString(machine)}, since {since},"
                : "somebody who does not say who";
        }
        catch (Exception failure) when (BlobFaults.Translate(failure, _name, _storage.Location, cancellation) is not null)
        {
            return "somebody";
        }
    }

    private CheckpointStorageException Locked(string sentence, Exception? inner) => new(StorageFailure.Locked, _name, $"{sentence}.", inner);
}

/// <summary>How long a hold on a job lasts, and how often it is renewed. The host has what stands here; tests may be quicker.</summary>
internal sealed record LeaseTimes
{
    /// <summary>What Azure grants at most: how long the job of a host that died can't be started elsewhere.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Three renewals in a row may fail.</summary>
    public TimeSpan Renew { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After one that failed.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Ten seconds less than the lease: what the attempt has to end in before another host begins.</summary>
    public TimeSpan Held { get; init; } = TimeSpan.FromSeconds(50);
}
