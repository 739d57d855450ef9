using Microsoft.Extensions.Logging.Abstractions;
using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Which old checkpoints an attempt deletes that restored number 3, and keeps two.</summary>
public sealed class CheckpointSweepTests
{
    private static readonly TimeSpan s_grace = TimeSpan.FromHours(1);

    private readonly MemoryStorage _storage = new();
    private readonly ManualClock _clock = new();
    private readonly CheckpointSweep _sweep;
    private IReadOnlyList<string> _copied = [];

    public CheckpointSweepTests()
    {
        var settings = new JobSettings { Name = "job", RetainedCheckpoints = 2, OrphanGrace = s_grace, CheckpointTimeout = TimeSpan.FromMinutes(1) };
        _sweep = new CheckpointSweep(_storage, settings, 0, () => _copied, _clock, NullLogger.Instance);
        for (int id = 1; id <= 3; id++)
        {
            Finish(Folder(id));
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

    [Theory]
    [InlineData("job/0/chk-0000000009-dead")]
    [InlineData("job/0/chk-0000000002-dead")]
    [InlineData("job/1/chk-0000000002-dead")]
    [InlineData("job/sp-cut")]
    public async Task Remains_of_what_was_never_finished_go_when_nobody_was_at_them_for_the_grace_age(string folder)
    {
        Leave(folder, "state-0", s_grace);
        Leave(folder, "channel-0", s_grace + TimeSpan.FromSeconds(1));
        _sweep.NoteRestored(Folder(1), []); // So no number is reached.
        await CommitAsync(1);
        Assert.Contains($"{folder}/state-0", _storage.Names);
        _storage.Now += TimeSpan.FromSeconds(1);
        _clock.Pass(s_grace + TimeSpan.FromSeconds(1));
        await CommitAsync(1);
        Assert.DoesNotContain(_storage.Names, name => name.StartsWith(folder, StringComparison.Ordinal));
        Assert.Equal([1, 2, 3], Found());
    }

    [Fact]
    public async Task What_is_finished_stays_however_old_it_is_until_its_number_is_reached()
    {
        Finish("job/0/chk-0000000009-dead");
        _storage.Now += 10 * s_grace;
        _storage.ModifiedAt["job/0/chk-0000000009-dead/_metadata"] = _storage.Now - (9 * s_grace);
        await CommitAsync(4);
        await CommitAsync(5);
        Assert.Equal([4, 5, 9], Found());
    }

    [Fact]
    public async Task What_a_finished_one_references_stays_though_it_has_no_metadata_of_its_own()
    {
        Leave("job/0/chk-0000000007-dead", "channel-0", 2 * s_grace);
        Leave("job/0/chk-0000000008-dead", "channel-0", 2 * s_grace);
        Finish("job/0/chk-0000000009-dead", "chk-0000000007-dead");
        await CommitAsync(4);
        Assert.Equal([4, 7, 9], Found());
    }

    [Fact]
    public async Task Where_references_can_not_be_read_nothing_unfinished_goes()
    {
        Leave("job/0/chk-0000000007-dead", "channel-0", 2 * s_grace);
        _storage["job/0/chk-0000000009-dead/_metadata"] = [1];
        await CommitAsync(4);
        Assert.Equal([4, 7, 9], Found());
    }

    private void Leave(string folder, string file, TimeSpan age)
    {
        _storage[$"{folder}/{file}"] = [];
        _storage.ModifiedAt[$"{folder}/{file}"] = _storage.Now - age;
    }

    private void Finish(string folder, params string[] references) => _storage[CheckpointPaths.MetadataFile(folder)] = new CheckpointMetadata
    {
        Job = "job",
        Slot = 0,
        CheckpointId = 1,
        LifeId = "aa",
        Mode = "unaligned",
        TriggeredAt = default,
        MaxParallelism = 128,
        References = references,
    }.Serialize();

    private static string Folder(long id) => CheckpointPaths.CheckpointFolder("job", 0, id, "aa");

    private static string Name(long id) => CheckpointPaths.LastPart(Folder(id));

    private Task CommitAsync(long id, params long[] references) => CommitAsync(Checkpoint(id, [.. references.Select(Name)]));

    private Task CommitAsync(Checkpoint checkpoint)
    {
        Finish(checkpoint.Files.Folder);
        _sweep.NoteCommitted(checkpoint);
        _sweep.Begin();
        return _sweep.QuietAsync();
    }

    private Checkpoint Checkpoint(long id, IReadOnlyList<string> references) =>
        new(id, CheckpointMode.Unaligned, new CheckpointFiles(_storage, Folder(id), 5), subtasks: 1) { References = references };

    private IEnumerable<long> Found() => CheckpointPaths.CheckpointFoldersOf(_storage.Names)
        .Select(folder => CheckpointPaths.TryParseCheckpointFolder(folder, out var name) ? name.CheckpointId : throw new InvalidOperationException(folder));
}
