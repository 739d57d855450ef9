using System.Globalization;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>The checkpoint or savepoint that an operator names for one start.</summary>
/// <param name="Folder">Its folder in the store.</param>
/// <param name="Metadata">What it says of itself.</param>
internal sealed record AskedRestore(string Folder, CheckpointMetadata Metadata)
{
    private const int PositionsSaid = 10;

    /// <summary>Where each split is read from, for people; of many the first ones.</summary>
    public string Positions
    {
        get
        {
            var splits = Metadata.Operators.SelectMany(one => one.Subtasks).SelectMany(subtask => subtask.Splits).OrderBy(split => split.Split, StringComparer.Ordinal).ToList();
            string said = string.Join(", ", splits.Take(PositionsSaid).Select(split => string.Create(CultureInfo.InvariantCulture, $"{split.Split} from {split.Position}")));
            return splits.Count > PositionsSaid ? $"{said}, and {splits.Count - PositionsSaid} more" : said;
        }
    }

    /// <summary>Its checkpoint's number, where that orders it before or behind the pointer: only within the life that committed it. Null where it does not.</summary>
    public long? NumberFor(CheckpointPointer? pointer) => pointer is not null && Metadata.LifeId == pointer.LifeId ? Metadata.CheckpointId : null;

    /// <summary>Finds it by the name of a savepoint, a folder in the store, or a path to one.</summary>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: there is none, or it can't be read; the message says what there is.</exception>
    public static async Task<AskedRestore> FindAsync(AttemptParts parts, string path, CancellationToken cancellation)
    {
        string folder = FolderOf(parts, path);
        try
        {
            return new AskedRestore(folder, await CheckpointMetadata.ReadAsync(parts.Storage, folder, cancellation));
        }
        catch (CheckpointStorageException missing) when (missing.Reason is StorageFailure.Missing)
        {
            string[] there = await SavepointsAsync(parts, cancellation);
            throw Refused($"There is no checkpoint or savepoint at {folder} in {parts.Storage.Location}; savepoints of the job: {(there.Length > 0 ? string.Join(", ", there) : "none")}", missing);
        }
        catch (CheckpointStorageException broken) when (broken.Reason is StorageFailure.Damaged or StorageFailure.OtherFormat)
        {
            throw Refused($"What is to be restored can't be read. {broken.Message}", broken);
        }
    }

    private static string FolderOf(AttemptParts parts, string path)
    {
        string job = parts.Plan.Settings.Name;
        string name = path.Replace('\\', '/').TrimEnd('/');
        string root = parts.Storage.Location.Replace('\\', '/').TrimEnd('/') + "/";
        if (name.StartsWith(root, StringComparison.Ordinal))
        {
            name = name[root.Length..];
        }
        if (name.Length == 0 || name.StartsWith('/') || name.Split('/').Any(part => part is ".." or "." or ""))
        {
            throw Refused($"'{path}' is not in the checkpoint store {parts.Storage.Location}: name a savepoint, or a folder in it");
        }
        return name.Contains('/', StringComparison.Ordinal) ? name
            : CheckpointPaths.TryParseCheckpointFolder(name, out _) ? CheckpointPaths.Join(CheckpointPaths.SlotFolder(job, parts.Slot), name)
            : CheckpointPaths.IsSavepointFolder(name) ? CheckpointPaths.Join(CheckpointPaths.JobFolder(job), name)
            : CheckpointPaths.SavepointFolder(job, name);
    }

    private static async Task<string[]> SavepointsAsync(AttemptParts parts, CancellationToken cancellation)
    {
        var files = await parts.Storage.ListAsync(CheckpointPaths.JobFolder(parts.Plan.Settings.Name), cancellation);
        return [.. files.Where(file => CheckpointPaths.LastPart(file) == CheckpointPaths.Metadata)
            .Select(file => CheckpointPaths.LastPart(CheckpointPaths.FolderOf(file)))
            .Where(CheckpointPaths.IsSavepointFolder).Order(StringComparer.Ordinal)];
    }

    private static JobException Refused(string sentence, Exception? cause = null) => new(JobFailure.Configuration, $"{sentence.TrimEnd('.')}.", cause);
}
