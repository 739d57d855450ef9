using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Asks a store whether it takes a checkpoint: writes a few bytes and reads them back, since one that can be read may still be full.</summary>
internal static class StoreProbe
{
    private static readonly byte[] Content = "weir"u8.ToArray();

    /// <exception cref="CheckpointStorageException">It does not.</exception>
    public static async Task RunAsync(ICheckpointStorage storage, string job, CancellationToken cancellation)
    {
        string name = CheckpointPaths.Join(CheckpointPaths.JobFolder(job), "probe");
        await storage.WriteAsync(name, Content, replace: true, cancellation);
        _ = await storage.ReadAsync(name, 0, Content.Length, cancellation);
    }
}
