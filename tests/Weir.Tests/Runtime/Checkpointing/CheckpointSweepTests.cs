using Microsoft.Extensions.Logging.Abstractions;
using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Which old checkpoints an attempt deletes that restored number 3, and keeps two.</summary>
public sealed class CheckpointSweepTests
{
    private readonly MemoryStorage _storage = new();
    private readonly CheckpointSweep _sweep;
    private IReadOnlyList<string> _copied = [];

    public CheckpointSweepTests()
    {
        _sweep = new CheckpointSweep(_storage, "job", 0, retained: 2, () => _copied, NullLogger.Instance);
        for (int id = 1; id <= 3; id++)
        {
            _storage[CheckpointPaths.MetadataFile(Folder(id))] = [];
        }
    }

    [Fact]
    public async Task What_the_restored_one_references_stays_as_long_as_it_is_kept()
    {
        _sweep.NoteRestored(Folder(3), [Name(1)]);
        await CommitAsync(4);
        Assert.Equal([1, 3, 4], Found());
        await CommitAsync(5);
        Assert.Equal([4, 5], Found());
    }

    [Fact]
    public async Task What_a_kept_one_references_stays_and_goes_later()
    {
        _sweep.NoteRestored(Folder(3), [Name(1)]);
        await CommitAsync(4, 1, 3);
        await CommitAsync(5, 1);
        await CommitAsync(6, 1);
        Assert.Equal([1, 5, 6], Found());
        await CommitAsync(7);
        Assert.Equal([1, 6, 7], Found());
        await CommitAsync(8);
        Assert.Equal([7, 8], Found());
    }

    [Fact]
    public async Task What_a_savepoint_is_copied_from_stays_until_it_is()
    {
        _copied = [Name(3), Name(1)];
        await CommitAsync(4);
        await CommitAsync(5);
        Assert.Equal([1, 3, 4, 5], Found());
        _copied = [];
        await CommitAsync(6);
        Assert.Equal([5, 6], Found());
    }

    [Fact]
    public async Task A_savepoint_that_a_job_began_from_is_the_operators()
    {
        _sweep.NoteRestored("job/sp-mine", []);
        await CommitAsync(4);
        await CommitAsync(5);
        Assert.Equal([4, 5], Found());
    }

    [Fact]
    public async Task What_could_not_be_deleted_goes_with_the_next_one()
    {
        _sweep.NoteRestored(Folder(3), [Name(1)]);
        _storage.Failures["delete"] = StorageFailure.Unavailable;
        await CommitAsync(4, 3);
        Assert.Equal([1, 2, 3, 4], Found());
        _storage.Failures.Clear();
        await CommitAsync(5, 3);
        Assert.Equal([3, 4, 5], Found());
    }

    private static string Folder(long id) => CheckpointPaths.CheckpointFolder("job", 0, id, "aa");

    private static string Name(long id) => CheckpointPaths.LastPart(Folder(id));

    private Task CommitAsync(long id, params long[] references) => CommitAsync(Checkpoint(id, [.. references.Select(Name)]));

    private Task CommitAsync(Checkpoint checkpoint)
    {
        _storage[CheckpointPaths.MetadataFile(checkpoint.Files.Folder)] = [];
        _sweep.NoteCommitted(checkpoint);
        _sweep.Begin();
        return _sweep.QuietAsync();
    }

    private Checkpoint Checkpoint(long id, IReadOnlyList<string> references) =>
        new(id, CheckpointMode.Unaligned, new CheckpointFiles(_storage, Folder(id), 5), subtasks: 1) { References = references };

    private IEnumerable<long> Found() => CheckpointPaths.CheckpointFoldersOf(_storage.Names)
        .Select(folder => CheckpointPaths.TryParseCheckpointFolder(folder, out var name) ? name.CheckpointId : throw new InvalidOperationException(folder));
}
