using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class LocalSpillStorageTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string[] Files => Directory.GetFiles(_root.Path, "*", SearchOption.AllDirectories);

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_life_that_spills_nothing_makes_no_file_and_no_folder()
    {
        using (await Open("a"))
        {
        }
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));
    }

    [Fact]
    public async Task What_is_written_is_read_back_and_goes_with_the_file()
    {
        using (var file = await Open("a"))
        {
            file.Write([1, 2, 3], offset: 1_000_000);
            file.Write([4], offset: 0);
            byte[] read = new byte[3];
            file.Read(read, offset: 1_000_000);
            Assert.Equal([1, 2, 3], read);
            Assert.Single(Files);
            Assert.Empty(await new LocalStorage(_root.Path).ListAsync("job/0", Cancellation));
        }
        Assert.Empty(Files);
    }

    [Fact]
    public async Task Emptied_it_takes_no_room_and_can_be_written_again()
    {
        using var file = await Open("a");
        file.Write(new byte[5000], offset: 0);
        file.Empty();
        Assert.Equal(0, new FileInfo(Files[0]).Length);
        Assert.Throws<EndOfStreamException>(() => file.Read(new byte[1], offset: 0));
        file.Write([7], offset: 0);
        Assert.Equal(1, new FileInfo(Files[0]).Length);
    }

    [Fact]
    public async Task The_next_life_deletes_what_a_dead_one_left_and_nothing_else()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root.Path, "job", "0")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "spill.tmp-dead"), [1], Cancellation);
        await File.WriteAllBytesAsync(Path.Combine(folder, "LATEST"), [1], Cancellation);
        using var file = await Open("b");
        Assert.Equal(["LATEST"], Files.Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_life_that_was_overtaken_keeps_what_it_spilled_and_does_not_touch_its_successors()
    {
        var first = await Open("a");
        first.Write([1], offset: 0);
        using var second = await Open("b");
        second.Write([2], offset: 0);
        byte[] read = new byte[1];
        first.Read(read, offset: 0);
        Assert.Equal(1, read[0]);
        first.Dispose();
        second.Read(read, offset: 0);
        Assert.Equal(2, read[0]);
        Assert.Equal(["spill.tmp-b"], Files.Select(Path.GetFileName));
    }

    private ValueTask<ISpillFile> Open(string life) => new LocalSpillStorage(_root.Path).OpenAsync("job", 0, life, Cancellation);
}
