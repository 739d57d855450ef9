namespace Weir.StateStore;

/// <summary>Reads segments, and believes nothing it has not checked.</summary>
public static class SegmentReader
{
    /// <summary>Reads a segment's payload; length, header and checksum are right when it returns.</summary>
    /// <param name="storage">Where the checkpoint lies.</param>
    /// <param name="folder">The folder of the checkpoint whose metadata holds the handle.</param>
    /// <param name="handle">Where the segment lies in it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CheckpointStorageException">
    /// <see cref="StorageFailure.Damaged"/> or <see cref="StorageFailure.OtherFormat"/>, with file and offset; or the storage's own reason.
    /// </exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(ICheckpointStorage storage, string folder, SegmentHandle handle, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(storage);
        string name = CheckpointPaths.FileOf(folder, handle.File);
        if (handle.Offset < 0 || (uint)handle.Length > SegmentHeader.PayloadBytesMax)
        {
            throw Damaged(storage, name, handle, $"the metadata says {handle.Length} bytes at {handle.Offset}, which no segment has");
        }
        byte[] segment = await storage.ReadAsync(name, handle.Offset, SegmentHeader.Size + handle.Length, cancellation);
        if (segment.Length != SegmentHeader.Size + handle.Length)
        {
            throw Damaged(storage, name, handle, $"{segment.Length} bytes were read, {SegmentHeader.Size + handle.Length} asked for");
        }
        if (SegmentHeader.FindOtherFormat(segment, handle) is { } format)
        {
            throw new CheckpointStorageException(
                StorageFailure.OtherFormat, name, $"The segment at offset {handle.Offset} of {name} in {storage.Location} {format}: start the release that wrote it.");
        }
        string? fault = SegmentHeader.FindFault(segment, handle);
        return fault is null ? segment.AsMemory(SegmentHeader.Size) : throw Damaged(storage, name, handle, fault);
    }

    private static CheckpointStorageException Damaged(ICheckpointStorage storage, string name, SegmentHandle handle, string fault) =>
        new(StorageFailure.Damaged, name, $"The segment at offset {handle.Offset} of {name} in {storage.Location} is damaged: {fault}.");
}
