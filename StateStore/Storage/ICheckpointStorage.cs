namespace Weir.StateStore;

/// <summary>The port to where checkpoints lie: a folder, a blob container, or a simulation.</summary>
/// <remarks>
/// Names are relative, with <c>/</c> between folders, and legal on NTFS. Thread: may be called by several at once.
/// Every failure is a <see cref="CheckpointStorageException"/>; a call that failed may be made again.
/// </remarks>
public interface ICheckpointStorage
{
    /// <summary>Where this is, for messages; holds no secret.</summary>
    string Location { get; }

    /// <summary>Begins a file that becomes visible, whole, only with <see cref="ICheckpointFile.CommitAsync"/>; that tells, too, whether the name is taken. Nothing is asked before.</summary>
    ValueTask<ICheckpointFile> CreateAsync(string name, CancellationToken cancellation);

    /// <summary>Writes a small file whole: after it returns the file is durable, with all that was committed to its folder before; at no time is half of it to be seen.</summary>
    /// <param name="name">The file.</param>
    /// <param name="content">All of it.</param>
    /// <param name="replace">Whether one that exists is replaced; otherwise that is an error.</param>
    /// <param name="cancellation">Gives up; the file then exists whole or not at all.</param>
    ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancellation);

    /// <summary>The length of a file in bytes, or null where there is none.</summary>
    ValueTask<long?> LengthAsync(string name, CancellationToken cancellation);

    /// <summary>Reads a range of a file.</summary>
    /// <exception cref="CheckpointStorageException">There is no such file, or it is shorter.</exception>
    ValueTask<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation);

    /// <summary>The names of all committed files below a folder.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation);

    /// <summary>What lies below a folder, with times by the store's clock: for whoever decides by age.</summary>
    ValueTask<StoreSurvey> SurveyAsync(string folder, CancellationToken cancellation);

    /// <summary>Deletes a folder with all in it, half-written files included; one that is not there is no error.</summary>
    ValueTask DeleteFolderAsync(string folder, CancellationToken cancellation);

    /// <summary>Takes a slot of a job whose pointer lies here, so that no other process runs it; where nothing was committed yet, an empty <c>LATEST</c> may be there afterwards.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="lost">Told, once and by any thread, why the lock is no longer held, though nobody let go.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CheckpointStorageException"><see cref="StorageFailure.Locked"/>: another holds it; the message says who, as far as that is known.</exception>
    ValueTask<IJobLock> LockAsync(string job, int slot, Action<CheckpointStorageException> lost, CancellationToken cancellation);
}

/// <summary>A file being written. Disposing it without a commit abandons it: nothing of it is ever seen.</summary>
public interface ICheckpointFile : IAsyncDisposable
{
    /// <summary>Bytes appended so far.</summary>
    long Length { get; }

    /// <summary>Appends bytes; they may be reused when this returns.</summary>
    ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Makes the file's bytes durable, and visible under its name, and confirms its length. The name is durable with the file that is next written whole into the folder.</summary>
    /// <exception cref="CheckpointStorageException"><see cref="StorageFailure.Exists"/>: a file of that name is there, and stays; or another reason.</exception>
    ValueTask CommitAsync(CancellationToken cancellation);
}
