namespace Weir.StateStore;

/// <summary>Why storage did not do what it was asked.</summary>
public enum StorageFailure
{
    /// <summary>It did not answer, or answered that it can't now; the same call may succeed later.</summary>
    Unavailable,

    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>The file is there, but its bytes are not what was written.</summary>
    Damaged,

    /// <summary>A file of that name exists.</summary>
    Exists,

    /// <summary>Not allowed, or no room: somebody must act.</summary>
    Refused,

    /// <summary>The file is whole, but written in a format that this program does not read: another release's.</summary>
    OtherFormat,

    /// <summary>Another process holds the lock of the job, or took it.</summary>
    Locked,
}

/// <summary>A call to checkpoint storage failed.</summary>
public sealed class CheckpointStorageException : Exception
{
    /// <summary>Says what failed, where, and why.</summary>
    public CheckpointStorageException(StorageFailure reason, string name, string message, Exception? inner = null)
        : base(message, inner)
    {
        Reason = reason;
        Name = name;
    }

    /// <summary>Why.</summary>
    public StorageFailure Reason { get; }

    /// <summary>The file or folder that was asked for.</summary>
    public string Name { get; }
}
