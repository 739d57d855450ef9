using Microsoft.Extensions.Logging;
using Weir.Runtime.Diagnostics;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Deletes the checkpoints that a newly committed one makes superfluous. Only the life that got "committed" does so, and only by committed pointers.</summary>
/// <remarks>
/// Thread: the attempt's lane. One sweep at a time; a failure is logged and left to the next one.
/// Never goes: what a kept checkpoint references, nor what the next one may, nor what a savepoint is being copied from. A later one references no folder that an
/// earlier one of the attempt did not, as unread records only become fewer.
/// With the first sweep, and then whenever a grace age has passed, remains of unfinished checkpoints and savepoints go, too, which no number ever reaches.
/// </remarks>
/// <param name="storage">Where they lie.</param>
/// <param name="settings">The job's.</param>
/// <param name="slot">The slot.</param>
/// <param name="copied">Names of the folders that a savepoint is being copied from.</param>
/// <param name="time">The job's clock.</param>
/// <param name="logger">The job's log.</param>
internal sealed class CheckpointSweep(ICheckpointStorage storage, JobSettings settings, int slot, Func<IReadOnlyList<string>> copied, TimeProvider time, ILogger logger)
{
    private readonly string _slotFolder = CheckpointPaths.SlotFolder(settings.Name, slot);
    private readonly TimeSpan _grace = settings.OrphanGrace > 2 * settings.CheckpointTimeout ? settings.OrphanGrace : 2 * settings.CheckpointTimeout;
    private long? _lookedForOrphansAt;
    private readonly List<(string Folder, IReadOnlyList<string> References)> _committed = []; // Newest first.
    private IReadOnlyList<string> _unread = [];
    private Task _sweep = Task.CompletedTask;

    /// <summary>Notes the checkpoint that the attempt begins from, without deleting anything: all of it may be referenced from now on. A savepoint is the operator's.</summary>
    public void NoteRestored(string folder, IReadOnlyList<string> references)
    {
        if (CheckpointPaths.FolderOf(folder) == _slotFolder)
        {
            _unread = [CheckpointPaths.LastPart(folder), .. references];
            Note(folder, references);
        }
    }

    /// <summary>Notes a committed checkpoint, without deleting anything.</summary>
    public void NoteCommitted(Checkpoint checkpoint)
    {
        _unread = checkpoint.References;
        Note(checkpoint.Files.Folder, checkpoint.References);
    }

    /// <summary>Begins a sweep, unless one is under way.</summary>
    public void Begin()
    {
        if (_sweep.IsCompleted)
        {
            _sweep = RunAsync([.. _committed], _unread);
        }
    }

    /// <summary>Completes when no sweep is under way.</summary>
    public Task QuietAsync() => _sweep;

    private void Note(string folder, IReadOnlyList<string> references)
    {
        _committed.Insert(0, (folder, references));
        if (_committed.Count > settings.RetainedCheckpoints + 1)
        {
            _committed.RemoveAt(_committed.Count - 1);
        }
    }

    private async Task RunAsync(IReadOnlyList<(string Folder, IReadOnlyList<string> References)> committed, IReadOnlyList<string> unread)
    {
        try
        {
            var found = CheckpointPaths.CheckpointFoldersOf(await storage.ListAsync(_slotFolder, CancellationToken.None));
            foreach (string folder in CheckpointRetention.ChooseDeletions([.. committed.Select(one => one.Folder)], found, ReferencesOf, settings.RetainedCheckpoints))
            {
                await storage.DeleteFolderAsync(folder, CancellationToken.None);
            }
            if (_lookedForOrphansAt is not { } looked || time.GetElapsedTime(looked) > _grace)
            {
                await DeleteOrphansAsync();
                _lookedForOrphansAt = time.GetTimestamp();
            }
        }
        catch (CheckpointStorageException failure)
        {
            logger.NotDeleted(settings.Name, failure.Message);
        }

        IReadOnlyList<string> ReferencesOf(string folder) => [.. committed.First(one => one.Folder == folder).References, .. unread, .. copied()];
    }

    private async Task DeleteOrphansAsync()
    {
        var survey = await storage.SurveyAsync(CheckpointPaths.JobFolder(settings.Name), CancellationToken.None);
        var unfinished = OrphanChoice.ChooseUnfinished(survey, _grace);
        if (unfinished.Count == 0)
        {
            return;
        }
        var referenced = new HashSet<string>(StringComparer.Ordinal);
        foreach (string finished in OrphanChoice.Finished(survey))
        {
            referenced.UnionWith((await CheckpointMetadata.ReadAsync(storage, finished, CancellationToken.None)).References);
        }
        foreach (string folder in unfinished.Where(folder => !referenced.Contains(CheckpointPaths.LastPart(folder))))
        {
            logger.DeletesOrphan(settings.Name, folder, _grace);
            await storage.DeleteFolderAsync(folder, CancellationToken.None);
        }
    }
}
