using System.Globalization;
using System.Text;

namespace Weir.StateStore.Azure;

/// <summary>A file of <see cref="AzureBlobStorage"/> that is being written: its blocks go up beside each other, while the next ones are made.</summary>
/// <remarks>
/// Thread: one at a time. A block that does not go up is sent until it does, or the file is abandoned; the call that is made then, or the next one, says so once.
/// So no block keeps its memory waiting for a call. A file of one small piece goes up in one call.
/// </remarks>
internal sealed class AzureBlobFile(AzureBlobStorage storage, string name) : ICheckpointFile
{
    /// <summary>A first piece up to this waits for what follows, in memory of its own.</summary>
    internal const int SmallBytes = 64 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string _writer = Guid.NewGuid().ToString("n");
    private readonly List<string> _ids = [];
    private readonly List<Task> _sendings = [];
    private readonly CancellationTokenSource _abandoned = new();
    private volatile TaskCompletionSource<CheckpointStorageException> _failed = New();
    private byte[]? _small;
    private bool _committed;

    public long Length { get; private set; }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Invariant.Holds(!_committed);
        ThrowIfFailed();
        if (Length == 0 && bytes.Length <= SmallBytes)
        {
            _small = bytes.ToArray();
            Length = bytes.Length;
            return;
        }
        await StageSmallAsync(cancellation).ConfigureAwait(false);
        await StageAsync(bytes, cancellation).ConfigureAwait(false);
        Length += bytes.Length;
    }

    public async ValueTask CommitAsync(CancellationToken cancellation)
    {
        Invariant.Holds(!_committed);
        if (_ids.Count == 0)
        {
            await storage.WriteAsync(name, _small ?? [], replace: false, _writer, cancellation).ConfigureAwait(false);
        }
        else
        {
            var sent = Task.WhenAll(_sendings);
            await Task.WhenAny(sent, _failed.Task).WaitAsync(cancellation).ConfigureAwait(false);
            if (!sent.IsCompleted)
            {
                ThrowIfFailed();
            }
            await sent.ConfigureAwait(false);
            await storage.CommitAsync(name, _ids, _writer, cancellation).ConfigureAwait(false);
        }
        _committed = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _abandoned.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_sendings).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What was under way is of no use any more.
        }
        _abandoned.Dispose();
    }

    private async Task StageSmallAsync(CancellationToken cancellation)
    {
        if (_small is { } small)
        {
            await StageAsync(small, cancellation).ConfigureAwait(false);
            _small = null;
        }
    }

    private async Task StageAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, UploadMemory.BlockBytes)];
            byte[] buffer = await storage.Memory.RentAsync(cancellation).ConfigureAwait(false);
            part.CopyTo(buffer);
            // All of a blob's ids have one length; those of two writers of one name differ.
            string id = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_writer}{_ids.Count:d8}")));
            _ids.Add(id);
            _sendings.Add(SendAsync(id, buffer, part.Length));
            bytes = bytes[part.Length..];
        }
    }

    private async Task SendAsync(string id, byte[] buffer, int length)
    {
        try
        {
            while (!await TrySendAsync(id, buffer.AsMemory(0, length)).ConfigureAwait(false))
            {
                await Task.Delay(Pause, storage.Time, _abandoned.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            storage.Memory.Return(buffer);
        }
    }

    private async Task<bool> TrySendAsync(string id, ReadOnlyMemory<byte> content)
    {
        try
        {
            await storage.StageAsync(name, id, content, _abandoned.Token).ConfigureAwait(false);
            return true;
        }
        catch (CheckpointStorageException failure)
        {
            _failed.TrySetResult(failure);
            return false;
        }
    }

    private void ThrowIfFailed()
    {
        if (_failed.Task is { IsCompleted: true } failed)
        {
            _failed = New();
#pragma warning disable CA1849 // It has completed.
            throw failed.Result;
#pragma warning restore CA1849
        }
    }

    private static TaskCompletionSource<CheckpointStorageException> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
