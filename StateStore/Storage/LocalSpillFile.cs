using Microsoft.Win32.SafeHandles;

namespace Weir.StateStore;

/// <summary>A spill file of this machine; made by its first write, deleted when it is closed.</summary>
/// <remarks>The next life's start may delete it while it is in use: it then goes on without a name. Thread: any.</remarks>
internal sealed class LocalSpillFile(string path) : ISpillFile
{
    private readonly Lock _lock = new();
    private volatile SafeFileHandle? _handle;

    public string Location => path;

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(_handle ?? Create(), bytes, offset);

    public void Read(Span<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(_handle!, bytes, offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"{path} ends at {offset}.");
            }
            bytes = bytes[read..];
            offset += read;
        }
    }

    public void Empty()
    {
        try
        {
            if (_handle is { } handle)
            {
                RandomAccess.SetLength(handle, 0);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The room is used again.
        }
    }

    public void Dispose() => _handle?.Dispose();

    private SafeFileHandle Create()
    {
        lock (_lock)
        {
            if (_handle is null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);
            }
            return _handle;
        }
    }
}
