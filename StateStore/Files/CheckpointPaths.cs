using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Weir.StateStore;

/// <summary>Every object's name; nobody else formats one.</summary>
/// <remarks>
/// <c>job/slot/chk-0000000042-life/state-0</c>, and so on. Every part is a legal NTFS name. Two jobs whose names differ in case only are told apart here,
/// but not by a Windows folder: the host refuses such a pair.
/// </remarks>
public static class CheckpointPaths
{
    /// <summary>What makes a folder a checkpoint: written last.</summary>
    public const string Metadata = "_metadata";

    private const string CheckpointPrefix = "chk-";
    private const string SavepointPrefix = "sp-";
    private const string Beside = "../";
    private const int NameLengthMax = 100;

    private static readonly HashSet<string> DeviceNames = new(
        ["con", "prn", "aux", "nul", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"com{n}", $"lpt{n}" })],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>All that belongs to a job.</summary>
    /// <param name="job">Its name, 1 to 100 characters; what a file name may not hold is escaped by <c>%</c> and two hexadecimal digits a byte.</param>
    public static string JobFolder(string job) => Escape(job);

    /// <summary>All checkpoints of a slot.</summary>
    public static string SlotFolder(string job, int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        return Join(JobFolder(job), slot.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>One checkpoint's folder.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="slot">The slot, from 0.</param>
    /// <param name="checkpointId">The checkpoint's number, from 0.</param>
    /// <param name="lifeId">The life that takes it: lower-case letters and digits.</param>
    public static string CheckpointFolder(string job, int slot, long checkpointId, string lifeId) =>
        Join(SlotFolder(job, slot), new CheckpointFolderName(checkpointId, CheckLife(lifeId)).ToString());

    /// <summary>A savepoint's folder, which holds what a checkpoint's holds.</summary>
    public static string SavepointFolder(string job, string savepoint) => Join(JobFolder(job), SavepointPrefix + Escape(savepoint));

    /// <summary>Whether a folder is a savepoint's; the folders above it may stand before.</summary>
    public static bool IsSavepointFolder(string folder) => LastPart(folder).StartsWith(SavepointPrefix, StringComparison.Ordinal);

    /// <summary>A file with snapshots of operator state, relative to the checkpoint's folder.</summary>
    public static string StateFile(int index) => string.Create(CultureInfo.InvariantCulture, $"state-{index}");

    /// <summary>A file with in-flight data, relative to the checkpoint's folder.</summary>
    public static string ChannelFile(int index) => string.Create(CultureInfo.InvariantCulture, $"channel-{index}");

    /// <summary>The metadata file of a checkpoint's folder.</summary>
    public static string MetadataFile(string folder) => Join(folder, Metadata);

    /// <summary>What stands in place of metadata beside files that were copied only since another checkpoint references them.</summary>
    public static string ReferencedNote(string folder) => Join(folder, "_referenced");

    /// <summary>The pointer of a job without Kafka.</summary>
    public static string LatestFile(string job, int slot) => Join(SlotFolder(job, slot), "LATEST");

    /// <summary>The file that the host of a job without Kafka holds locked.</summary>
    public static string LockFile(string job, int slot) => Join(SlotFolder(job, slot), "LOCK");

    /// <summary>A name within a folder.</summary>
    public static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    /// <summary>The last part of a name.</summary>
    public static string LastPart(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name[(name.LastIndexOf('/') + 1)..];
    }

    /// <summary>The folder of a name, empty where it has none.</summary>
    public static string FolderOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name[..Math.Max(0, name.LastIndexOf('/'))];
    }

    /// <summary>What a checkpoint's metadata calls a file of another checkpoint of its slot: the same in all of them, however often it is passed on.</summary>
    /// <param name="folder">The folder of the checkpoint whose metadata names the file.</param>
    /// <param name="file">The name there: of a file of its own, or of another checkpoint's already, which stays as it is.</param>
    public static string FromBeside(string folder, string file) => ReferencedFolder(file) is null ? $"{Beside}{LastPart(folder)}/{file}" : file;

    /// <summary>The checkpoint whose file a metadata names, without the folders above; null where it is one of its own.</summary>
    public static string? ReferencedFolder(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string folder = file.StartsWith(Beside, StringComparison.Ordinal) ? FolderOf(file[Beside.Length..]) : "";
        return TryParseCheckpointFolder(folder, out _) && LastPart(folder) == folder ? folder : null;
    }

    /// <summary>The full name of a file that a checkpoint's metadata names.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="file">The name in its metadata.</param>
    public static string FileOf(string folder, string file) =>
        ReferencedFolder(file) is null ? Join(folder, file) : Join(FolderOf(folder), file[Beside.Length..]);

    /// <summary>Reads a checkpoint folder's name back; the folders above it may stand before.</summary>
    public static bool TryParseCheckpointFolder(string folder, out CheckpointFolderName name)
    {
        string last = LastPart(folder);
        name = default;
        int dash = last.IndexOf('-', CheckpointPrefix.Length < last.Length ? CheckpointPrefix.Length : last.Length);
        if (!last.StartsWith(CheckpointPrefix, StringComparison.Ordinal) || dash < 0
            || !long.TryParse(last.AsSpan(CheckpointPrefix.Length, dash - CheckpointPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long id))
        {
            return false;
        }
        var parsed = new CheckpointFolderName(id, last[(dash + 1)..]);
        if (!IsLife(parsed.LifeId) || parsed.ToString() != last)
        {
            return false;
        }
        name = parsed;
        return true;
    }

    /// <summary>The checkpoint folders among the files of a slot, each once, oldest first.</summary>
    public static IReadOnlyList<string> CheckpointFoldersOf(IEnumerable<string> files) =>
        [.. files.Select(FolderOf).Distinct(StringComparer.Ordinal)
            .Where(folder => TryParseCheckpointFolder(folder, out _))
            .OrderBy(LastPart, StringComparer.Ordinal)];

    /// <summary>A new life's id: eight characters, equal to another's by chance once in four thousand million.</summary>
    [SuppressMessage("Globalization", "CA1308", Justification = "A stored name, not a comparison.")]
    public static string LifeIdOf(Guid random) => random.ToString("n")[..8].ToLowerInvariant();

    private static string CheckLife(string lifeId)
    {
        ArgumentNullException.ThrowIfNull(lifeId);
        return IsLife(lifeId) ? lifeId : throw new ArgumentException($"'{lifeId}' is no life id: lower-case letters and digits.", nameof(lifeId));
    }

    private static bool IsLife(string lifeId) => lifeId.Length is > 0 and <= 32 && lifeId.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    private static string Escape(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > NameLengthMax)
        {
            throw new ArgumentException($"The name '{name}' has {name.Length} characters; {NameLengthMax} is the most.", nameof(name));
        }
        var escaped = new StringBuilder(name.Length);
        bool device = DeviceNames.Contains(name.Split('.')[0]);
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        for (int i = 0; i < bytes.Length; i++)
        {
            char c = (char)bytes[i];
            // A dot at an end would be "." or "..", or be dropped by Windows.
            bool plain = char.IsAsciiLetterOrDigit(c) || c is '-' or '_' || (c == '.' && i > 0 && i < bytes.Length - 1);
            if (plain && !(device && i == 0))
            {
                escaped.Append(c);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{bytes[i]:X2}");
            }
        }
        return escaped.ToString();
    }
}
