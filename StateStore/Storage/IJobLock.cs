namespace Weir.StateStore;

/// <summary>A slot of a job that is this process's alone. Disposing it lets go.</summary>
public interface IJobLock : IAsyncDisposable
{
    /// <summary>Reads the slot's pointer; null where none was written yet.</summary>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<byte[]?> ReadPointerAsync(CancellationToken cancellation);

    /// <summary>Replaces the slot's pointer, as <see cref="ICheckpointStorage.WriteAsync"/> does. A store that several hosts reach refuses it of one who has lost the lock, whatever that one knows of it.</summary>
    /// <param name="pointer">All of it.</param>
    /// <param name="cancellation">Gives up; the pointer is then the old one or this one.</param>
    /// <exception cref="CheckpointStorageException"><see cref="StorageFailure.Locked"/>: the lock is lost, and nothing was written.</exception>
    ValueTask WritePointerAsync(ReadOnlyMemory<byte> pointer, CancellationToken cancellation);
}
