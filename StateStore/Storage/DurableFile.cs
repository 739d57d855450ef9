using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.StateStore;

/// <summary>The one type that knows what makes a file durable: fsync, rename, fsync of the folder on Unix; flush and write-through rename on Windows.</summary>
internal static partial class DurableFile
{
    // MOVEFILE_REPLACE_EXISTING and MOVEFILE_WRITE_THROUGH.
    private const uint MoveReplace = 1, MoveWriteThrough = 8;

    // O_CLOEXEC, so that a child process does not inherit the descriptor; O_RDONLY is 0.
    private static readonly int OpenFlags = OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD() ? (OperatingSystem.IsMacOS() ? 0x1000000 : 0x100000) : 0x80000;

    /// <summary>Brings a file's bytes to the disk.</summary>
    public static void Sync(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>Gives a file its name; on Unix the name is durable after <see cref="SyncFolder"/> only.</summary>
    /// <exception cref="IOException">The name is taken and not to be replaced, or the disk failed.</exception>
    public static void Rename(string from, string to, bool replace)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!MoveFileEx(from, to, MoveWriteThrough | (replace ? MoveReplace : 0)))
            {
                throw new IOException($"Can't rename {from} to {to}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetHRForLastWin32Error());
            }
            return;
        }
        File.Move(from, to, replace);
    }

    /// <summary>Makes a folder that is there after a power failure, and those above it that are missing.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }
        string? above = Path.GetDirectoryName(path);
        if (above is not null)
        {
            CreateFolder(above);
        }
        Directory.CreateDirectory(path);
        if (above is not null)
        {
            SyncFolder(above);
        }
    }

    /// <summary>Makes the names in a folder durable; Windows does so by itself.</summary>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        int descriptor = Open(path, OpenFlags);
        if (descriptor < 0)
        {
            throw new IOException($"Can't open the folder {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw new IOException($"Can't sync the folder {path}: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    // Declared without open's variadic third argument: it is read only where a file is made.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("kernel32", EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool MoveFileEx(string from, string to, uint flags);
}
