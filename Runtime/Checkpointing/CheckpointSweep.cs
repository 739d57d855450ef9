using Microsoft.Extensions.Logging;
using Weir.Runtime.Diagnostics;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Deletes the checkpoints that a newly committed one makes superfluous. Only the life that got "committed" does so, and only by committed pointers.</summary>
/// <remarks>Thread: the attempt's lane. One sweep at a time; a failure is logged and left to the next one.</remarks>
internal sealed class CheckpointSweep(ICheckpointStorage storage, string job, int slot, int retained, Func<string?> copied, ILogger logger)
{
    private readonly List<string> _committed = []; // Newest first.
    private Task _sweep = Task.CompletedTask;

    /// <summary>Notes where the attempt began, if that is a checkpoint of this job; a savepoint is the operator's.</summary>
    public void NoteRestored(string folder)
    {
        if (CheckpointPaths.FolderOf(folder) == CheckpointPaths.SlotFolder(job, slot))
        {
            Note(folder);
        }
    }

    /// <summary>Notes a committed checkpoint, without deleting anything.</summary>
    public void Note(string folder)
    {
        _committed.Insert(0, folder);
        if (_committed.Count > retained + 1)
        {
            _committed.RemoveAt(_committed.Count - 1);
        }
    }

    /// <summary>Begins a sweep, unless one is under way.</summary>
    public void Begin()
    {
        if (_sweep.IsCompleted)
        {
            _sweep = RunAsync([.. _committed]);
        }
    }

    /// <summary>Completes when no sweep is under way.</summary>
    public Task QuietAsync() => _sweep;

    private async Task RunAsync(IReadOnlyList<string> committed)
    {
        try
        {
            var found = CheckpointPaths.CheckpointFoldersOf(await storage.ListAsync(CheckpointPaths.SlotFolder(job, slot), CancellationToken.None));
            // No checkpoint refers to another one's files yet.
            foreach (string folder in CheckpointRetention.ChooseDeletions(committed, found, _ => [], retained).Where(folder => folder != copied()))
            {
                await storage.DeleteFolderAsync(folder, CancellationToken.None);
            }
        }
        catch (CheckpointStorageException failure)
        {
            logger.NotDeleted(job, failure.Message);
        }
    }
}
