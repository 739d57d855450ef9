namespace Weir.StateStore;

/// <summary>Spill files in a folder of this machine: a slot's lie beside its checkpoints, if the folder is theirs, where they are never listed.</summary>
/// <remarks>Thread: any.</remarks>
public sealed class LocalSpillStorage : ISpillStorage
{
    private const string Prefix = "spill" + LocalStorage.TemporaryMark;

    private readonly string _root;

    /// <summary>Uses a folder; it is made with the first byte that is spilled.</summary>
    /// <param name="root">The folder. It should not be one that the system keeps in memory.</param>
    public LocalSpillStorage(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.GetFullPath(root);
    }

    /// <inheritdoc/>
    public async ValueTask<ISpillFile> OpenAsync(string job, int slot, string life, CancellationToken cancellation)
    {
        string folder = Path.Combine(_root, CheckpointPaths.SlotFolder(job, slot).Replace('/', Path.DirectorySeparatorChar));
        return await BlockingCalls.RunAsync(
            () =>
            {
                DeleteLeftovers(folder);
                return new LocalSpillFile(Path.Combine(folder, Prefix + life));
            },
            cancellation);
    }

    /// <summary>What is not allowed to be deleted stays: an old file in the way of nobody is no reason not to start.</summary>
    private static void DeleteLeftovers(string folder)
    {
        try
        {
            foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder, Prefix + "*") : [])
            {
                File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Said where it matters: by the first write that fails.
        }
    }
}
