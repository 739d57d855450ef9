using Weir.StateStore;
using Weir.StateStore.Azure;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>A checkpoint with records in flight, some of them in the folder of an older one, that is copied from store to store.</summary>
public sealed class CopiedCheckpointTests(Azurite azurite) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-copied-").FullName;
    private LocalStorage _store = null!;
    private string _checkpoint = "";
    private CheckpointMetadata _metadata = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = Local("first");
        var script = new SumScript(_store);
        await script.LiveAsync(inFlight: SumScript.InFlightOfBoth);
        _metadata = await script.LiveAsync();
        _checkpoint = $"{CheckpointPaths.SlotFolder(_metadata.Job, 0)}/{SumScript.NameOf(_metadata)}";
        Assert.True(_metadata is { Mode: "unaligned", References.Count: 1, InFlightRecords: > 0 }, $"{_metadata}");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_goes_to_Azure_and_back_and_all_comes_out_once()
    {
        var azure = new AzureBlobStorage(await azurite.ContainerAsync(), "copies");
        Assert.True(await Copy(_store, azure).RunAsync(Now));
        var back = Local("second");
        Assert.True(await Copy(azure, back).RunAsync(Now));
        await new SumScript(back).FinishAsync(from: _checkpoint);
        await new SumScript(azure).FinishAsync(parallelism: 3, from: _checkpoint);
    }

    [Fact]
    public async Task A_copy_that_is_made_again_writes_nothing_and_is_verified_again()
    {
        var to = Local("second");
        Assert.True(await Copy(_store, to).RunAsync(Now));
        var again = Copy(_store, to);
        Assert.False(await again.RunAsync(Now));
        Assert.Equal((0L, again.BytesToVerify), (again.Bytes, again.BytesVerified));
        Damage("second", again.Files[0]);
        var damaged = await Assert.ThrowsAsync<CheckpointStorageException>(() => Copy(_store, to).RunAsync(Now));
        Assert.Equal(StorageFailure.Damaged, damaged.Reason);
        Assert.Contains(again.Files[0], damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_is_cut_at_any_call_never_looks_complete_and_goes_on_from_there()
    {
        var to = new MemoryStorage();
        var counted = new MemoryStorage();
        await Copy(_store, counted).RunAsync(Now);
        string[] calls = [.. counted.Log.Where(call => !call.StartsWith("read", StringComparison.Ordinal)).Distinct()];
        Assert.Contains("write _metadata", calls);
        foreach (string call in calls)
        {
            to.Failures.Clear();
            to.Failures.Add(call, StorageFailure.Unavailable);
            await Assert.ThrowsAsync<CheckpointStorageException>(() => Copy(_store, to).RunAsync(Now));
            Assert.DoesNotContain(to.Names, name => CheckpointPaths.LastPart(name) == CheckpointPaths.Metadata);
        }
        to.Failures.Clear();
        to.Log.Clear();
        Assert.True(await Copy(_store, to).RunAsync(Now));
        Assert.DoesNotContain(to.Log, call => call.StartsWith("append", StringComparison.Ordinal)); // All data was there by then.
        Assert.Equal("write _metadata", to.Log[^1]);
        await new SumScript(to).FinishAsync(from: _checkpoint);
    }

    [Fact]
    public async Task What_an_earlier_copy_left_of_another_one_by_its_name_is_replaced()
    {
        var to = new MemoryStorage();
        string own = Copy(_store, to).Files.First(file => CheckpointPaths.FolderOf(file) == _checkpoint);
        to[own] = [1];
        Assert.True(await Copy(_store, to).RunAsync(Now));
        await new SumScript(to).FinishAsync(from: _checkpoint);
    }

    [Fact]
    public async Task Another_one_by_its_name_stays_and_is_said()
    {
        var to = new MemoryStorage();
        to[CheckpointPaths.MetadataFile(_checkpoint)] = (_metadata with { LifeId = "another" }).Serialize();
        var refused = await Assert.ThrowsAsync<CheckpointStorageException>(() => Copy(_store, to).RunAsync(Now));
        Assert.Equal(StorageFailure.Exists, refused.Reason);
        Assert.Single(to.Names);
    }

    [Fact]
    public async Task What_is_damaged_itself_is_not_copied_and_said()
    {
        string file = Copy(_store, _store).Files[^1];
        Damage("first", file);
        var to = new MemoryStorage();
        var damaged = await Assert.ThrowsAsync<CheckpointStorageException>(() => Copy(_store, to).RunAsync(Now));
        Assert.Contains($"in {_store.Location} is damaged, so it is not copied", damaged.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(to.Names, name => CheckpointPaths.LastPart(name) == CheckpointPaths.Metadata);
    }

    [Fact]
    public async Task The_note_beside_referenced_files_makes_no_checkpoint_of_them()
    {
        var to = new MemoryStorage();
        await Copy(_store, to).RunAsync(Now);
        string referenced = $"{CheckpointPaths.FolderOf(_checkpoint)}/{_metadata.References[0]}";
        Assert.Contains($"{referenced}/_referenced", to.Names);
        Assert.Equal([_checkpoint], OrphanChoice.Finished(await to.SurveyAsync(CheckpointPaths.JobFolder(_metadata.Job), Now)));
    }

    private LocalStorage Local(string name) => new(Path.Combine(_folder, name), fsync: false);

    private CheckpointCopy Copy(ICheckpointStorage from, ICheckpointStorage to) => new(from, to, _checkpoint, _metadata);

    private void Damage(string store, string file)
    {
        string path = Path.Combine(_folder, store, file);
        byte[] bytes = File.ReadAllBytes(path);
        // Of a file that is referenced, some segments only are needed.
        bytes[NeededSegments.Of(_metadata).First(segment => CheckpointPaths.FileOf(_checkpoint, segment.Handle.File) == file).Handle.Offset + SegmentHeader.Size] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
