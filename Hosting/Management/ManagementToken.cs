using System.Security.AccessControl;
using System.Security.Cryptography;
using System.Security.Principal;
using System.Text;
using Microsoft.Extensions.Options;

namespace Weir.Hosting;

/// <summary>The secret that actions on a running program need. It lies in a file that only its owner may read: who may read it may act.</summary>
/// <remarks>Thread: any, once it is loaded. It is in no log and no message.</remarks>
internal sealed class ManagementToken(IOptions<WeirOptions> options)
{
    private const int Bytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode AnybodyElse =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private byte[]? _token;

    /// <summary>Where it lies: <c>Weir:Management:TokenFile</c>, else beside the folder of checkpoints.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(options.Value.Management.TokenFile ?? options.Value.Management.DefaultTokenFile);

    /// <summary>Why there is none, in a sentence with what to do; null while there is one.</summary>
    public string? Problem { get; private set; } = "The program has not started.";

    /// <summary>For the running program: takes the one that is there, or makes one.</summary>
    public void LoadOrMake()
    {
        try
        {
            CheckFolder();
            if (!File.Exists(Path))
            {
                Make();
            }
            _token = Encoding.ASCII.GetBytes(Read());
            Problem = null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            Problem = $"The management token can't be kept in {Path}: {failure.Message.TrimEnd('.')}. Set Weir:Management:TokenFile to a file in a folder of the program's user.";
        }
    }

    /// <summary>Whether somebody who shows this knows it. Takes as long whatever is shown of its length.</summary>
    public bool Is(string shown) => _token is { } token && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), token);

    /// <summary>The token in the file, for who asks a running program.</summary>
    /// <exception cref="IOException">There is none, or it can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    /// <exception cref="InvalidDataException">What is there is no token, or others may read it.</exception>
    public string Read()
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Path) & AnybodyElse) != 0)
        {
            throw new InvalidDataException("Others than its owner have rights to it: delete it, and start anew");
        }
        string text = File.ReadAllText(Path).Trim();
        return text.Length == 2 * Bytes && text.All(char.IsAsciiHexDigit) ? text : throw new InvalidDataException($"It is no token of {2 * Bytes} hexadecimal digits: delete it, and start anew");
    }

    // Who may write the folder could put a token of his own there.
    private void CheckFolder()
    {
        string folder = System.IO.Path.GetDirectoryName(Path)!;
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & UnixFileMode.OtherWrite) != 0)
        {
            throw new InvalidDataException($"Everybody may write to {folder}");
        }
    }

    // Whole or not at all, and never without its rights: it gets its name last, and one that another program made meanwhile stays.
    private void Make()
    {
        string making = $"{Path}.{Guid.NewGuid():N}";
        try
        {
            using (var file = Create(making))
            {
                file.Write(Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(2 * Bytes, lowercase: true)));
                file.Flush(flushToDisk: true);
            }
            File.Move(making, Path, overwrite: false);
        }
        catch (IOException) when (File.Exists(Path))
        {
            File.Delete(making);
        }
    }

    private static FileStream Create(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        }
        var rights = new FileSecurity();
        rights.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using var me = WindowsIdentity.GetCurrent();
        rights.AddAccessRule(new FileSystemAccessRule(me.User!, FileSystemRights.FullControl, AccessControlType.Allow));
        return new FileInfo(path).Create(FileMode.CreateNew, FileSystemRights.Write, FileShare.None, bufferSize: 1, FileOptions.None, rights);
    }
}
