using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Weir.StateStore.Azure;

/// <summary>Checkpoints in a container of Azure Blob Storage.</summary>
/// <remarks>
/// <para>
/// A file goes up in blocks while it is being written, and is there, whole, with one conditional commit of their list. What is answered as written is durable.
/// Each write carries an id of its own in the blob's metadata: where a write was applied and its answer was lost, the second try finds its own id and is done.
/// </para>
/// <para>Blocks of a file that was never committed are never listed or surveyed; Azure deletes them after a week. Thread: any.</para>
/// </remarks>
public sealed class AzureBlobStorage : ICheckpointStorage
{
    /// <summary>Which write made a blob.</summary>
    internal const string WriterKey = "weirwriter";

    // Deletions of a folder that are under way at once.
    private const int DeletionsMax = 16;

    private readonly BlobContainerClient _container;
    private readonly string _prefix;

    /// <summary>Uses a container; it is made with the first file.</summary>
    /// <param name="container">The container. Its client's retries apply to each call; <see cref="CreateClientOptions"/> has those that suit checkpoints.</param>
    /// <param name="prefix">A folder within it that everything lies below; empty, the default, is none.</param>
    /// <param name="uploadBytes">How much memory files that go up may take together. 32 MiB by default.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <exception cref="ArgumentException">The prefix is no folder's name.</exception>
    public AzureBlobStorage(BlobContainerClient container, string prefix = "", long uploadBytes = UploadMemory.BytesDefault, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(prefix);
        _container = container;
        _prefix = prefix.Trim('/');
        if (_prefix.Length > 0 && !StorageName.IsValid(_prefix))
        {
            throw new ArgumentException($"'{prefix}' is no folder's name.", nameof(prefix));
        }
        Memory = new UploadMemory(uploadBytes);
        Time = time ?? TimeProvider.System;
        var place = new BlobUriBuilder(container.Uri) { Sas = null, Query = "" };
        Location = _prefix.Length == 0 ? place.ToUri().ToString() : $"{place.ToUri()}/{_prefix}";
    }

    /// <inheritdoc/>
    public string Location { get; }

    internal UploadMemory Memory { get; }

    internal TimeProvider Time { get; }

    internal LeaseTimes LeaseTimes { get; init; } = new();

    /// <summary>Retries and time-outs that suit checkpoints: a call that hangs is made again after 15 s, and given up after five tries.</summary>
    public static BlobClientOptions CreateClientOptions()
    {
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = 4;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(3);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(15);
        // Checked by the service as it arrives: a block that is damaged on its way is refused.
        options.TransferValidation.Upload.ChecksumAlgorithm = StorageChecksumAlgorithm.MD5;
        return options;
    }

    /// <inheritdoc/>
    public ValueTask<ICheckpointFile> CreateAsync(string name, CancellationToken cancellation) =>
        StorageName.IsValid(name) ? new(new AzureBlobFile(this, name)) : throw StorageName.Refused(name);

    /// <inheritdoc/>
    public ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancellation) =>
        WriteAsync(name, content, replace, writer: Convert.ToHexStringLower(SHA256.HashData(content.Span)), cancellation); // The same for the same call, made again.

    /// <inheritdoc/>
    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellation) =>
        CallAsync(name, async () => (await FindAsync(Blob(name), cancellation).ConfigureAwait(false))?.ContentLength, cancellation);

    /// <inheritdoc/>
    public async ValueTask<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0 || offset > long.MaxValue - length)
        {
            return await ReadNothingAsync(name, offset, length, cancellation).ConfigureAwait(false);
        }
        return await CallAsync(name, async () =>
        {
            var options = new BlobDownloadOptions { Range = new HttpRange(offset, length) };
            using var answer = (await Blob(name).DownloadStreamingAsync(options, cancellation).ConfigureAwait(false)).Value;
            // Asked before the buffer is made: a wrong length must not cost memory.
            if (answer.Details.ContentLength != length)
            {
                throw BlobFaults.TooShort(name, Location, offset, length);
            }
            byte[] bytes = new byte[length];
            await answer.Content.ReadExactlyAsync(bytes, cancellation).ConfigureAwait(false);
            return bytes;
        }, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation) =>
        [.. (await SurveyAsync(folder, cancellation).ConfigureAwait(false)).Files.Select(file => file.Name)];

    /// <inheritdoc/>
    public ValueTask<StoreSurvey> SurveyAsync(string folder, CancellationToken cancellation) =>
        CallAsync(folder, async () =>
        {
            var files = new List<StoredFile>();
            var now = DateTimeOffset.MinValue;
            try
            {
                string prefix = folder.Length > 0 ? BlobName(folder) + "/" : _prefix.Length > 0 ? _prefix + "/" : "";
                await foreach (var page in _container.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellation).AsPages().ConfigureAwait(false))
                {
                    using var answer = page.GetRawResponse();
                    now = answer.Headers.Date ?? now;
                    files.AddRange(page.Values.Select(Describe));
                }
            }
            catch (RequestFailedException failure) when (failure.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                // It is made with the first file.
            }
            return new StoreSurvey(files, now);
        }, cancellation);

    /// <inheritdoc/>
    public async ValueTask DeleteFolderAsync(string folder, CancellationToken cancellation)
    {
        var names = (await ListAsync(folder, cancellation).ConfigureAwait(false)).ToLookup(name => CheckpointPaths.LastPart(name) == CheckpointPaths.Metadata);
        // `_metadata` first: a deletion that is cut short leaves no folder that looks complete.
        foreach (string first in names[true])
        {
            await DeleteAsync(first, cancellation).ConfigureAwait(false);
        }
        await Parallel.ForEachAsync(names[false], new ParallelOptions { MaxDegreeOfParallelism = DeletionsMax, CancellationToken = cancellation }, DeleteAsync).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IJobLock> LockAsync(string job, int slot, Action<CheckpointStorageException> lost, CancellationToken cancellation)
    {
        string name = CheckpointPaths.LatestFile(job, slot);
        return CallAsync<IJobLock>(name, async () => await AzureJobLock.TakeAsync(this, job, name, Blob(name), lost, cancellation).ConfigureAwait(false), cancellation);
    }

    internal ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, bool replace, string writer, CancellationToken cancellation) =>
        PutAsync(name, replace, writer, (blob, conditions) => blob.UploadAsync(
            BinaryData.FromBytes(content).ToStream(),
            new BlobUploadOptions { Conditions = conditions, Metadata = Written(writer) },
            cancellation), cancellation);

    internal ValueTask CommitAsync(string name, IReadOnlyList<string> blocks, string writer, CancellationToken cancellation) =>
        PutAsync(name, replace: false, writer, (blob, conditions) => blob.CommitBlockListAsync(
            blocks, new CommitBlockListOptions { Conditions = conditions, Metadata = Written(writer) }, cancellation), cancellation);

    internal ValueTask StageAsync(string name, string block, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        WithContainerAsync(name, async () =>
        {
            await Blob(name).StageBlockAsync(block, BinaryData.FromBytes(content).ToStream(), options: null, cancellation).ConfigureAwait(false);
            return true;
        }, cancellation);

    /// <summary>Makes a blob of a name that is not taken, or one in place of another.</summary>
    private ValueTask PutAsync(string name, bool replace, string writer, Func<BlockBlobClient, BlobRequestConditions?, Task<Response<BlobContentInfo>>> put, CancellationToken cancellation) =>
        WithContainerAsync(name, async () =>
        {
            var blob = Blob(name);
            try
            {
                var answer = await put(blob, replace ? null : new BlobRequestConditions { IfNoneMatch = ETag.All }).ConfigureAwait(false);
                Invariant.Holds(answer.Value.ETag != default);
            }
            catch (RequestFailedException failure) when (!replace && BlobFaults.IsTaken(failure))
            {
                var found = await FindAsync(blob, cancellation).ConfigureAwait(false);
                if (found is null)
                {
                    throw; // Blocks that Azure has deleted; or it was deleted meanwhile.
                }
                if (!found.Metadata.TryGetValue(WriterKey, out string? other) || other != writer)
                {
                    throw BlobFaults.Exists(name, Location, failure);
                }
            }
            return true;
        }, cancellation);

    private async ValueTask WithContainerAsync(string name, Func<Task<bool>> call, CancellationToken cancellation) =>
        await CallAsync(name, async () =>
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (RequestFailedException failure) when (failure.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                await _container.CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
                return await call().ConfigureAwait(false);
            }
        }, cancellation).ConfigureAwait(false);

    private async ValueTask<byte[]> ReadNothingAsync(string name, long offset, int length, CancellationToken cancellation) =>
        await LengthAsync(name, cancellation).ConfigureAwait(false) is not { } found ? throw BlobFaults.Missing(name, Location)
        : length > 0 || offset > found ? throw BlobFaults.TooShort(name, Location, offset, length)
        : [];

    private async ValueTask DeleteAsync(string name, CancellationToken cancellation) =>
        await CallAsync(name, async () => await Blob(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions: null, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    private StoredFile Describe(BlobItem blob) => new(
        _prefix.Length == 0 ? blob.Name : blob.Name[(_prefix.Length + 1)..],
        blob.Properties.ContentLength ?? 0,
        blob.Properties.LastModified ?? DateTimeOffset.MaxValue, // Of what has no age, none is believed.
        IsWhole: true);

    private static async Task<BlobProperties?> FindAsync(BlockBlobClient blob, CancellationToken cancellation)
    {
        try
        {
            return (await blob.GetPropertiesAsync(conditions: null, cancellation).ConfigureAwait(false)).Value;
        }
        catch (RequestFailedException failure) when (failure.Status == 404)
        {
            return null;
        }
    }

    private static Dictionary<string, string> Written(string writer) => new() { [WriterKey] = writer };

    private BlockBlobClient Blob(string name) => _container.GetBlockBlobClient(BlobName(name));

    private string BlobName(string name) =>
        !StorageName.IsValid(name) ? throw StorageName.Refused(name)
        : _prefix.Length == 0 ? name
        : $"{_prefix}/{name}";

    /// <summary>Makes a call, and says its failures in the port's words.</summary>
    internal async ValueTask<T> CallAsync<T>(string name, Func<Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception failure) when (BlobFaults.Translate(failure, name, Location, cancellation) is { } translated)
        {
            throw translated;
        }
        catch (AggregateException given) when (cancellation.IsCancellationRequested)
        {
            // The client says so, too, when the caller gave up between its tries.
            throw new OperationCanceledException(given.Message, given, cancellation);
        }
    }
}
