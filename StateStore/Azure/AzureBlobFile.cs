using System.Globalization;
using System.Text;

namespace Weir.StateStore.Azure;

/// <summary>A file of <see cref="AzureBlobStorage"/> that is being written: its blocks go up beside each other, while the next ones are made.</summary>
/// <remarks>
/// Thread: one at a time. A block that does not go up is sent until it does, or the file is abandoned; the call that is made then, or the next one, says so once.
/// So no block keeps its memory waiting for a call. What is left of a piece beyond full blocks waits for the next piece, as far as it is small: writers of segments
/// hand over a little more than a block each time. A file that is small as a whole goes up in one call.
/// </remarks>
internal sealed class AzureBlobFile(AzureBlobStorage storage, string name) : ICheckpointFile
{
    /// <summary>Up to this much waits for what follows, in memory of its own: a block's would be held up.</summary>
    internal const int SmallBytes = 64 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string _writer = Guid.NewGuid().ToString("n");
    private readonly List<string> _ids = [];
    private readonly List<Task> _sendings = [];
    private readonly CancellationTokenSource _abandoned = new();
    private volatile TaskCompletionSource<CheckpointStorageException> _failed = New();
    private byte[] _rest = [];
    private int _restBytes;
    private bool _committed;

    public long Length { get; private set; }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Invariant.Holds(!_committed);
        ThrowIfFailed();
        int length = bytes.Length;
        while (_restBytes + bytes.Length > SmallBytes)
        {
            bytes = await StageAsync(bytes, cancellation).ConfigureAwait(false);
        }
        if (bytes.Length > 0)
        {
            _rest = _rest.Length > 0 ? _rest : new byte[SmallBytes];
            bytes.CopyTo(_rest.AsMemory(_restBytes));
            _restBytes += bytes.Length;
        }
        Length += length;
    }

    public async ValueTask CommitAsync(CancellationToken cancellation)
    {
        Invariant.Holds(!_committed);
        if (_ids.Count == 0)
        {
            await storage.WriteAsync(name, _rest.AsMemory(0, _restBytes), replace: false, _writer, cancellation).ConfigureAwait(false);
        }
        else
        {
            if (_restBytes > 0)
            {
                await StageAsync(default, cancellation).ConfigureAwait(false);
            }
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

    /// <summary>Sends what waits, and as many of the bytes as one block takes with it.</summary>
    /// <returns>The others.</returns>
    private async Task<ReadOnlyMemory<byte>> StageAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        byte[] buffer = await storage.Memory.RentAsync(cancellation).ConfigureAwait(false);
        int taken = Math.Min(bytes.Length, UploadMemory.BlockBytes - _restBytes);
        _rest.AsSpan(0, _restBytes).CopyTo(buffer);
        bytes[..taken].CopyTo(buffer.AsMemory(_restBytes));
        // All of a blob's ids have one length; those of two writers of one name differ.
        string id = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_writer}{_ids.Count:d8}")));
        _ids.Add(id);
        _sendings.Add(SendAsync(id, buffer, _restBytes + taken));
        _restBytes = 0;
        return bytes[taken..];
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
