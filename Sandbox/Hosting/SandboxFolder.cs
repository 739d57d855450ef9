namespace Weir.Sandbox.Hosting;

/// <summary>A folder for the checkpoints of one run: gone with it, or, where the run was killed, with the next one.</summary>
internal sealed class SandboxFolder : IDisposable
{
    private const string Prefix = "weir-sandbox-";
    private const string LockName = "in-use";

    private readonly FileStream _lock;

    public SandboxFolder()
    {
        SweepOld();
        Path = Directory.CreateTempSubdirectory(Prefix).FullName;
        _lock = new FileStream(LockOf(Path), FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    public string Path { get; }

    public void Dispose()
    {
        _lock.Dispose();
        TryDelete(Path);
    }

    private static void SweepOld()
    {
        foreach (string folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                // Opened by nobody else: its run is over. One that has no such file yet begins just now.
                new FileStream(LockOf(folder), FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
            }
            catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
            {
                continue;
            }
            TryDelete(folder);
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It lies in the system's folder for what may be lost.
        }
    }

    private static string LockOf(string folder) => System.IO.Path.Combine(folder, LockName);
}
