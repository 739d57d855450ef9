using Weir.StateStore;

namespace Weir.Tests.StateStore;

/// <summary>What every storage must do; a test class for each implementation derives from it.</summary>
public abstract class CheckpointStorageContract
{
    /// <summary>The storage under test, empty at first and the same within a test.</summary>
    protected abstract ICheckpointStorage Storage { get; }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_committed_file_reads_back()
    {
        await using (var file = await Storage.CreateAsync("job/0/chk-1/state-0", Cancellation))
        {
            await file.AppendAsync(new byte[] { 1, 2, 3 }, Cancellation);
            await file.AppendAsync(new byte[] { 4, 5 }, Cancellation);
            Assert.Equal(5, file.Length);
            await file.CommitAsync(Cancellation);
        }
        Assert.Equal(5, await Storage.LengthAsync("job/0/chk-1/state-0", Cancellation));
        Assert.Equal([3, 4], await Storage.ReadAsync("job/0/chk-1/state-0", 2, 2, Cancellation));
    }

    [Fact]
    public async Task An_appended_buffer_may_be_reused_at_once()
    {
        byte[] buffer = [1];
        await using (var file = await Storage.CreateAsync("job/a", Cancellation))
        {
            await file.AppendAsync(buffer, Cancellation);
            buffer[0] = 9;
            await file.AppendAsync(buffer, Cancellation);
            await file.CommitAsync(Cancellation);
        }
        Assert.Equal([1, 9], await Storage.ReadAsync("job/a", 0, 2, Cancellation));
    }

    [Fact]
    public async Task Nothing_of_a_file_is_seen_before_its_commit()
    {
        await using var file = await Storage.CreateAsync("job/a", Cancellation);
        await file.AppendAsync(new byte[] { 1 }, Cancellation);
        Assert.Null(await Storage.LengthAsync("job/a", Cancellation));
        Assert.Empty(await Storage.ListAsync("job", Cancellation));
    }

    [Fact]
    public async Task An_abandoned_file_is_never_seen()
    {
        await using (var file = await Storage.CreateAsync("job/a", Cancellation))
        {
            await file.AppendAsync(new byte[] { 1 }, Cancellation);
        }
        Assert.Null(await Storage.LengthAsync("job/a", Cancellation));
        Assert.Empty(await Storage.ListAsync("job", Cancellation));
    }

    [Fact]
    public async Task A_file_may_be_empty()
    {
        await Storage.WriteAsync("job/a", ReadOnlyMemory<byte>.Empty, replace: false, Cancellation);
        Assert.Equal(0, await Storage.LengthAsync("job/a", Cancellation));
        Assert.Empty(await Storage.ReadAsync("job/a", 0, 0, Cancellation));
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        await Storage.WriteAsync("job/a", new byte[] { 1 }, replace: false, Cancellation);
        var again = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await Storage.WriteAsync("job/a", new byte[] { 2 }, replace: false, Cancellation));
        Assert.Equal(StorageFailure.Exists, again.Reason);
        Assert.Equal([1], await Storage.ReadAsync("job/a", 0, 1, Cancellation));
    }

    [Fact]
    public async Task That_a_name_is_taken_is_told_by_the_commit()
    {
        await Storage.WriteAsync("job/a", new byte[] { 1 }, replace: false, Cancellation);
        await using var file = await Storage.CreateAsync("job/a", Cancellation);
        await file.AppendAsync(new byte[] { 2 }, Cancellation);
        var taken = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await file.CommitAsync(Cancellation));
        Assert.Equal(StorageFailure.Exists, taken.Reason);
        Assert.Equal([1], await Storage.ReadAsync("job/a", 0, 1, Cancellation));
    }

    [Fact]
    public async Task Of_two_that_write_one_name_the_second_to_commit_fails()
    {
        await using var first = await Storage.CreateAsync("job/a", Cancellation);
        await using var second = await Storage.CreateAsync("job/a", Cancellation);
        await first.AppendAsync(new byte[] { 1 }, Cancellation);
        await second.AppendAsync(new byte[] { 2 }, Cancellation);
        await first.CommitAsync(Cancellation);
        var failure = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await second.CommitAsync(Cancellation));
        Assert.Equal(StorageFailure.Exists, failure.Reason);
        Assert.Equal([1], await Storage.ReadAsync("job/a", 0, 1, Cancellation));
    }

    [Fact]
    public async Task A_file_is_replaced_where_that_is_asked_for()
    {
        await Storage.WriteAsync("job/LATEST", new byte[] { 1, 1 }, replace: true, Cancellation);
        await Storage.WriteAsync("job/LATEST", new byte[] { 2 }, replace: true, Cancellation);
        Assert.Equal(1, await Storage.LengthAsync("job/LATEST", Cancellation));
        Assert.Equal([2], await Storage.ReadAsync("job/LATEST", 0, 1, Cancellation));
    }

    [Fact]
    public async Task Reading_what_is_not_there_says_so()
    {
        var missing = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await Storage.ReadAsync("job/none", 0, 1, Cancellation));
        Assert.Equal(StorageFailure.Missing, missing.Reason);
        Assert.Equal("job/none", missing.Name);
        Assert.Null(await Storage.LengthAsync("job/none", Cancellation));
    }

    [Fact]
    public async Task Reading_past_the_end_is_damage()
    {
        await Storage.WriteAsync("job/a", new byte[] { 1, 2 }, replace: false, Cancellation);
        foreach (var (offset, length) in new[] { (0L, 3), (2L, 1), (3L, 0), (long.MaxValue, 1) })
        {
            var shorter = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await Storage.ReadAsync("job/a", offset, length, Cancellation));
            Assert.Equal(StorageFailure.Damaged, shorter.Reason);
        }
    }

    [Fact]
    public async Task A_list_holds_all_files_below_a_folder_and_no_others()
    {
        foreach (string name in new[] { "job/0/chk-1/_metadata", "job/0/chk-1/state-0", "job/0/LATEST", "job/00/a", "other/0/a" })
        {
            await Storage.WriteAsync(name, new byte[] { 1 }, replace: false, Cancellation);
        }
        Assert.Equal(["job/0/LATEST", "job/0/chk-1/_metadata", "job/0/chk-1/state-0"], (await Storage.ListAsync("job/0", Cancellation)).Order(StringComparer.Ordinal));
        Assert.Empty(await Storage.ListAsync("nowhere", Cancellation));
    }

    [Fact]
    public async Task A_survey_tells_sizes_and_ages_by_one_clock()
    {
        var nothing = await Storage.SurveyAsync("job", Cancellation);
        Assert.Empty(nothing.Files);
        await Storage.WriteAsync("job/0/chk-1/state-0", new byte[] { 1, 2 }, replace: false, Cancellation);
        await Storage.WriteAsync("other/a", new byte[] { 1 }, replace: false, Cancellation);
        var survey = await Storage.SurveyAsync("job", Cancellation);
        var file = Assert.Single(survey.Files);
        Assert.Equal(("job/0/chk-1/state-0", 2L, true), (file.Name, file.Length, file.IsWhole));
        Assert.InRange(survey.Now - file.ModifiedAt, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1)); // Blob stores tell whole seconds.
        Assert.Equal(2, (await Storage.SurveyAsync("", Cancellation)).Files.Count);
    }

    [Fact]
    public async Task A_folder_goes_with_all_in_it()
    {
        await Storage.WriteAsync("job/0/chk-1/_metadata", new byte[] { 1 }, replace: false, Cancellation);
        await Storage.WriteAsync("job/0/chk-10/_metadata", new byte[] { 1 }, replace: false, Cancellation);
        await Storage.DeleteFolderAsync("job/0/chk-1", Cancellation);
        await Storage.DeleteFolderAsync("job/0/chk-1", Cancellation);
        Assert.Equal(["job/0/chk-10/_metadata"], await Storage.ListAsync("job", Cancellation));
    }

    [Fact]
    public async Task A_job_is_locked_by_one_at_a_time()
    {
        await using (await LockAsync(slot: 0))
        {
            var refused = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await LockAsync(slot: 0));
            Assert.Equal(StorageFailure.Locked, refused.Reason);
            await using var other = await LockAsync(slot: 1);
        }
        await using var next = await LockAsync(slot: 0);
    }

    [Fact]
    public async Task Who_holds_the_lock_writes_the_pointer_as_often_as_it_likes()
    {
        await using (var held = await LockAsync(slot: 0))
        {
            Assert.Null(await held.ReadPointerAsync(Cancellation));
            await held.WritePointerAsync(new byte[] { 1, 1 }, Cancellation);
            await held.WritePointerAsync(new byte[] { 2 }, Cancellation);
        }
        await using var next = await LockAsync(slot: 0);
        Assert.Equal([2], await next.ReadPointerAsync(Cancellation));
        Assert.Equal([2], await Storage.ReadAsync("job/0/LATEST", 0, 1, Cancellation));
    }

    private ValueTask<IJobLock> LockAsync(int slot) => Storage.LockAsync("job", slot, lost => Assert.Fail(lost.Message), Cancellation);

    [Theory, InlineData("../a"), InlineData("job/../../a"), InlineData("/a"), InlineData("job//a"), InlineData("job/./a"), InlineData("job\\a"), InlineData("c:/a")]
    public async Task A_name_that_leaves_the_root_is_refused(string name)
    {
        var refused = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await Storage.WriteAsync(name, new byte[] { 1 }, replace: true, Cancellation));
        Assert.Equal(StorageFailure.Refused, refused.Reason);
    }
}
