using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>A checkpoint's file that is memory, taken beforehand: what writing costs without a disk.</summary>
internal sealed class MemoryFile(byte[] memory) : ICheckpointFile
{
    public long Length { get; private set; }

    public ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        bytes.Span.CopyTo(memory.AsSpan((int)Length));
        Length += bytes.Length;
        return ValueTask.CompletedTask;
    }

    public ValueTask CommitAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
