using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class LocalStorageTests : CheckpointStorageContract, IDisposable
{
    private readonly TemporaryFolder _root = new();

    protected override ICheckpointStorage Storage => field ??= new LocalStorage(_root.Path);

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task What_a_dead_process_left_half_written_is_not_listed_and_goes_with_its_folder()
    {
        await Storage.WriteAsync("job/0/chk-1/state-0", new byte[] { 1 }, replace: false, Cancellation);
        await File.WriteAllBytesAsync(Path.Combine(_root.Path, "job", "0", "chk-1", "state-1.tmp-4711"), [1], Cancellation);
        Assert.Equal(["job/0/chk-1/state-0"], await Storage.ListAsync("job", Cancellation));
        Assert.Equal([("job/0/chk-1/state-0", true), ("job/0/chk-1/state-1.tmp-4711", false)], (await Storage.SurveyAsync("job", Cancellation)).Files.Select(file => (file.Name, file.IsWhole)).Order());
        await Storage.DeleteFolderAsync("job/0/chk-1", Cancellation);
        Assert.False(Directory.Exists(Path.Combine(_root.Path, "job", "0", "chk-1")));
    }

    [Fact]
    public async Task Without_fsync_files_are_the_same()
    {
        var storage = new LocalStorage(_root.Path, fsync: false);
        await storage.WriteAsync("job/a", new byte[] { 1, 2 }, replace: false, Cancellation);
        Assert.Equal([1, 2], await storage.ReadAsync("job/a", 0, 2, Cancellation));
    }

    [Fact]
    public async Task Who_finds_a_job_locked_is_told_where()
    {
        await using var held = await Storage.LockAsync("ledger", 0, _ => { }, Cancellation);
        var refused = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await Storage.LockAsync("ledger", 0, _ => { }, Cancellation));
        Assert.Contains(Path.Combine("ledger", "0", "LOCK"), refused.Message, StringComparison.Ordinal);
    }
}
