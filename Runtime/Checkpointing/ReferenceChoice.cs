using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Decides in which folders restored records may stay, to be referenced by the checkpoints that follow; what lies elsewhere these write again. Pure.</summary>
/// <remarks>
/// Once a life, and by folder, because it is the folder that a reference keeps, with the state that was stored in it: those that hold most of what is to be read,
/// so that least is written again, and the disk holds a bounded number of old checkpoints however often a job is restored.
/// </remarks>
internal static class ReferenceChoice
{
    /// <summary>Chooses.</summary>
    /// <param name="slotFolder">Where the checkpoints lie that may reference.</param>
    /// <param name="restored">The folder of the checkpoint that is restored. One that lies elsewhere is somebody else's, who may move or delete it.</param>
    /// <param name="edges">Those of its edges whose records are restored as the bytes they are, to the subtasks that had them.</param>
    /// <param name="settings">The bounds.</param>
    /// <returns>Names of folders, without those above.</returns>
    public static IReadOnlySet<string> Choose(string slotFolder, string restored, IReadOnlyList<EdgeMetadata> edges, JobSettings settings) =>
        edges.Where(_ => CheckpointPaths.FolderOf(restored) == slotFolder).SelectMany(edge => edge.Channels).SelectMany(channel => channel.Segments)
            .GroupBy(segment => CheckpointPaths.ReferencedFolder(CheckpointPaths.FromBeside(restored, segment.Handle.File)), segment => segment.Bytes)
            .Select(folder => (Name: folder.Key, Bytes: folder.Sum()))
            .Where(folder => folder.Name is not null && folder.Bytes >= settings.ReferencedBytesMin)
            .OrderByDescending(folder => folder.Bytes).ThenBy(folder => folder.Name, StringComparer.Ordinal)
            .Take(settings.ReferencedFoldersMax)
            .Select(folder => folder.Name!).ToHashSet(StringComparer.Ordinal);
}
