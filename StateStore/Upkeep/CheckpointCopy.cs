namespace Weir.StateStore;

/// <summary>Copies a checkpoint or savepoint to another store, with the files of other checkpoints that it references, verifies the copy by reading it back, and only then writes its metadata.</summary>
/// <remarks>
/// Everything keeps its name, so that the copy restores where it lies. A copy that was cut short has no metadata, so it is none; made again, it goes on with the files
/// that are there. Of a folder that is referenced only the files go along that are needed: beside them lies a note instead of metadata. Holds a piece of a file, or a
/// segment, at a time. Thread: one at a time; the figures are for any.
/// </remarks>
/// <param name="from">Where it lies.</param>
/// <param name="to">Where it is to lie.</param>
/// <param name="folder">Its folder, in both.</param>
/// <param name="metadata">What it says of itself.</param>
public sealed class CheckpointCopy(ICheckpointStorage from, ICheckpointStorage to, string folder, CheckpointMetadata metadata)
{
    // What a blob store takes as a block, and a disk in one call.
    private const int PieceBytes = 1 << 20;

    private readonly CheckpointVerification _readBack = new(to, folder, metadata);
    private long _bytes;

    /// <summary>The files it consists of, beside its metadata; full names.</summary>
    public IReadOnlyList<string> Files { get; } =
        [.. NeededSegments.Of(metadata).Select(segment => CheckpointPaths.FileOf(folder, segment.Handle.File)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Bytes written so far; those that were there already are left out.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes that were read back and compared so far.</summary>
    public long BytesVerified => _readBack.Bytes;

    /// <summary>Bytes to compare in the end.</summary>
    public long BytesToVerify => _readBack.BytesTotal;

    /// <summary>Copies.</summary>
    /// <returns>False: the store had it, whole, already.</returns>
    /// <exception cref="CheckpointStorageException">
    /// <see cref="StorageFailure.Exists"/>: something else has its name there. <see cref="StorageFailure.Damaged"/>: it is not whole itself, or what came of it is not.
    /// Or a store's own reason. Where it failed there is no metadata, unless there was before.
    /// </exception>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        string name = CheckpointPaths.MetadataFile(folder);
        byte[] sealed_ = await ReadMetadataAsync(from, name, cancellation)
            ?? throw new CheckpointStorageException(StorageFailure.Missing, name, $"{name} is not in {from.Location} any more.");
        byte[]? there = await ReadMetadataAsync(to, name, cancellation);
        if (there is not null && !there.AsSpan().SequenceEqual(sealed_))
        {
            throw new CheckpointStorageException(StorageFailure.Exists, folder, $"{folder} is in {to.Location} already, and is another one: delete it there, or copy to another place.");
        }
        if (there is null)
        {
            await DeleteOthersAsync(cancellation);
            foreach (string file in Files)
            {
                await CopyAsync(file, cancellation);
            }
        }
        await VerifyAsync(cancellation);
        if (there is not null)
        {
            return false;
        }
        foreach (string referenced in metadata.References)
        {
            // Written whole, which makes the names durable of all files that lie beside it.
            await to.WriteAsync(CheckpointPaths.ReferencedNote(CheckpointPaths.Join(CheckpointPaths.FolderOf(folder), referenced)), Note(), replace: true, cancellation);
        }
        await to.WriteAsync(name, sealed_, replace: false, cancellation);
        return true;
    }

    private static ReadOnlyMemory<byte> Note() => "Files of a checkpoint that others reference; the rest of it was not copied.\n"u8.ToArray();

    private static async Task<byte[]?> ReadMetadataAsync(ICheckpointStorage storage, string name, CancellationToken cancellation) =>
        await storage.LengthAsync(name, cancellation) is not { } length ? null
        : length <= CheckpointMetadata.BytesMax ? await storage.ReadAsync(name, 0, (int)length, cancellation)
        : throw new CheckpointStorageException(StorageFailure.Damaged, name, $"{name} in {storage.Location} has {length} bytes; {CheckpointMetadata.BytesMax} is the most.");

    /// <summary>What an earlier copy left of something else by that name goes; it has no metadata.</summary>
    private async Task DeleteOthersAsync(CancellationToken cancellation)
    {
        foreach (string file in Files.Where(file => CheckpointPaths.FolderOf(file) == folder))
        {
            if (await to.LengthAsync(file, cancellation) is { } there && there != await from.LengthAsync(file, cancellation))
            {
                await to.DeleteFolderAsync(folder, cancellation);
                return;
            }
        }
    }

    private async Task CopyAsync(string file, CancellationToken cancellation)
    {
        long length = await from.LengthAsync(file, cancellation)
            ?? throw new CheckpointStorageException(StorageFailure.Missing, file, $"There is no {file} in {from.Location}, which {folder} needs.");
        if (await to.LengthAsync(file, cancellation) is { } there)
        {
            if (there != length)
            {
                throw new CheckpointStorageException(
                    StorageFailure.Exists, file, $"{file} in {to.Location} has {there} bytes, in {from.Location} {length}: delete {CheckpointPaths.FolderOf(file)} there, and copy again.");
            }
            return; // Read back with all else.
        }
        await using var copy = await to.CreateAsync(file, cancellation);
        for (long offset = 0; offset < length; offset += PieceBytes)
        {
            byte[] piece = await from.ReadAsync(file, offset, (int)Math.Min(PieceBytes, length - offset), cancellation);
            await copy.AppendAsync(piece, cancellation);
            Volatile.Write(ref _bytes, _bytes + piece.Length);
        }
        await copy.CommitAsync(cancellation);
    }

    private async Task VerifyAsync(CancellationToken cancellation)
    {
        await _readBack.RunAsync(cancellation);
        if (_readBack.FaultCount == 0)
        {
            return;
        }
        var original = new CheckpointVerification(from, folder, metadata);
        await original.RunAsync(cancellation);
        throw original.FaultCount > 0
            ? new CheckpointStorageException(StorageFailure.Damaged, folder, $"{folder} in {from.Location} is damaged, so it is not copied. {original.Faults[0]}")
            : new CheckpointStorageException(StorageFailure.Damaged, folder, $"The copy of {folder} in {to.Location} is damaged: delete the folder there, and copy again. {_readBack.Faults[0]}");
    }
}
