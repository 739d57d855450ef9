using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Weir.StateStore.Azure;

/// <summary>Buffers of blocks that go up: so many at once, whoever they are of. A writer waits for one, which never waits for a writer: each that is out is on its way.</summary>
/// <remarks>Thread: any.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody asks for its wait handle holds nothing to dispose.")]
internal sealed class UploadMemory
{
    /// <summary>1 MiB: what a writer of segments hands over at once.</summary>
    public const int BlockBytes = 1 << 20;

    public const long BytesDefault = 32L << 20;

    private readonly ConcurrentBag<byte[]> _free = [];
    private readonly SemaphoreSlim _room;
    private int _made;

    public UploadMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, BlockBytes);
        _room = new SemaphoreSlim((int)Math.Min(int.MaxValue, bytes / BlockBytes));
    }

    /// <summary>Buffers that exist.</summary>
    public int Made => _made;

    public async ValueTask<byte[]> RentAsync(CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation).ConfigureAwait(false);
        if (_free.TryTake(out byte[]? buffer))
        {
            return buffer;
        }
        Interlocked.Increment(ref _made);
        return GC.AllocateUninitializedArray<byte>(BlockBytes);
    }

    public void Return(byte[] buffer)
    {
        _free.Add(buffer);
        _room.Release();
    }
}
