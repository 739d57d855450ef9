using System.Buffers;

namespace Weir.StateStore;

/// <summary>Which names storage takes: such that they stay below its root, and every file system could have them.</summary>
internal static class StorageName
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\\:*?\"<>|\0");

    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Array.TrueForAll(name.Split('/'), static part => part is not ("" or "." or "..") && !part.AsSpan().ContainsAny(Forbidden));
    }

    public static CheckpointStorageException Refused(string name) => new(StorageFailure.Refused, name, $"'{name}' is no name for a checkpoint's file.");
}
