namespace Weir.StateStore;

/// <summary>The one place that knows what the operating system's errors mean for a checkpoint.</summary>
internal static class StorageFaults
{
    // ENOSPC, EDQUOT and EROFS of Linux; ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL and ERROR_WRITE_PROTECT of Windows.
    private static readonly HashSet<int> NeedSomebody = [28, 122, 30, unchecked((int)0x80070070), unchecked((int)0x80070027), unchecked((int)0x80070013)];

    public static CheckpointStorageException Translate(Exception error, string name, string location)
    {
        var reason = error switch
        {
            FileNotFoundException or DirectoryNotFoundException => StorageFailure.Missing,
            UnauthorizedAccessException or PathTooLongException => StorageFailure.Refused,
            _ => NeedSomebody.Contains(error.HResult) ? StorageFailure.Refused : StorageFailure.Unavailable,
        };
        string what = reason == StorageFailure.Missing ? $"There is no {name} in {location}." : $"{name} in {location}: {error.Message}";
        return new CheckpointStorageException(reason, name, what, error);
    }
}
