using Weir.StateStore;

namespace Weir.Tests.Doubles;

/// <summary>A spill file in memory that fails where a test wants it.</summary>
internal sealed class MemorySpill : ISpillStorage, ISpillFile
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _content = new();

    public string Location => "the spill file";

    /// <summary>How long the file is.</summary>
    public int Length => (int)_content.Length;

    /// <summary>So many writes fail from here on.</summary>
    public int WritesThatFail { get; set; }

    public ValueTask<ISpillFile> OpenAsync(string job, int slot, string life, CancellationToken cancellation) => new(this);

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        lock (_lock)
        {
            if (WritesThatFail > 0)
            {
                WritesThatFail--;
                throw new IOException("No space left on device.");
            }
            _content.Position = offset;
            _content.Write(bytes);
        }
    }

    public void Read(Span<byte> bytes, long offset)
    {
        lock (_lock)
        {
            _content.Position = offset;
            _content.ReadExactly(bytes);
        }
    }

    public void Empty()
    {
        lock (_lock)
        {
            _content.SetLength(0);
        }
    }

    // It lasts from one life to the next.
    public void Dispose() => Empty();
}
