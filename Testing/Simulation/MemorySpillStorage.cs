using Weir.StateStore;

namespace Weir.Testing;

/// <summary>Spill files in memory: a life's goes with it.</summary>
internal sealed class MemorySpillStorage : ISpillStorage
{
    public ValueTask<ISpillFile> OpenAsync(string job, int slot, string life, CancellationToken cancellation) => new(new MemoryFile());

    private sealed class MemoryFile : ISpillFile
    {
        private readonly MemoryStream _content = new();

        public string Location => "memory";

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            _content.Position = offset;
            _content.Write(bytes);
        }

        public void Read(Span<byte> bytes, long offset)
        {
            _content.Position = offset;
            _content.ReadExactly(bytes);
        }

        public void Empty() => _content.SetLength(0);

        public void Dispose() => _content.Dispose();
    }
}
