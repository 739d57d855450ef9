using CsCheck;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class CheckpointPathsTests
{
    [Fact]
    public void Names_are_as_the_design_says()
    {
        string folder = CheckpointPaths.CheckpointFolder("order-totals", 0, 42, "ab12");
        Assert.Equal("order-totals/0/chk-0000000042-ab12", folder);
        Assert.Equal("order-totals/0/chk-0000000042-ab12/_metadata", CheckpointPaths.MetadataFile(folder));
        Assert.Equal("state-3", CheckpointPaths.StateFile(3));
        Assert.Equal("channel-0", CheckpointPaths.ChannelFile(0));
        Assert.Equal("order-totals/1/LATEST", CheckpointPaths.LatestFile("order-totals", 1));
        Assert.Equal("order-totals/sp-before-upgrade", CheckpointPaths.SavepointFolder("order-totals", "before-upgrade"));
    }

    [Fact]
    public void A_checkpoint_folder_reads_back() => Gen.Select(Gen.Long[0, long.MaxValue], Gen.Guid).Sample((id, guid) =>
    {
        string life = CheckpointPaths.LifeIdOf(guid);
        return CheckpointPaths.TryParseCheckpointFolder(CheckpointPaths.CheckpointFolder("job", 0, id, life), out var name)
            && name == new CheckpointFolderName(id, life);
    });

    [Theory]
    [InlineData("chk-42-ab")]
    [InlineData("chk-0000000042-")]
    [InlineData("chk-0000000042")]
    [InlineData("chk--000000042-ab")]
    [InlineData("chk-0000000042-AB")]
    [InlineData("chk-0000000042-a/b")]
    [InlineData("chk-")]
    [InlineData("")]
    [InlineData("sp-0000000042-ab")]
    public void What_nobody_here_wrote_is_no_checkpoint_folder(string folder) => Assert.False(CheckpointPaths.TryParseCheckpointFolder(folder, out _));

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("..", "%2E%2E")]
    [InlineData("end.", "end%2E")]
    [InlineData("con", "%63on")]
    [InlineData("LPT1.txt", "%4CPT1.txt")]
    [InlineData("a%", "a%25")]
    [InlineData("größe", "gr%C3%B6%C3%9Fe")]
    [InlineData("v1.2_x-y", "v1.2_x-y")]
    public void What_a_file_name_may_not_hold_is_escaped(string job, string folder) => Assert.Equal(folder, CheckpointPaths.JobFolder(job));

    [Fact]
    public void A_name_too_long_or_empty_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CheckpointPaths.JobFolder(""));
        Assert.Throws<ArgumentException>(() => CheckpointPaths.JobFolder(new string('a', 101)));
        Assert.Throws<ArgumentException>(() => CheckpointPaths.CheckpointFolder("job", 0, 1, "Not-A-Life"));
    }

    [Theory]
    [InlineData("channel-0", null, "job/0/chk-0000000042-ab/channel-0")]
    [InlineData("../chk-0000000041-aa/channel-0", "chk-0000000041-aa", "job/0/chk-0000000041-aa/channel-0")]
    [InlineData("../chk-0000000041-aa/../chk-0000000040-aa/channel-0", null, "job/0/chk-0000000042-ab/../chk-0000000041-aa/../chk-0000000040-aa/channel-0")]
    [InlineData("../other/channel-0", null, "job/0/chk-0000000042-ab/../other/channel-0")]
    [InlineData("../channel-0", null, "job/0/chk-0000000042-ab/../channel-0")]
    [InlineData("../", null, "job/0/chk-0000000042-ab/../")]
    public void A_file_lies_in_the_checkpoints_folder_or_in_that_of_one_beside_it(string file, string? folder, string path)
    {
        Assert.Equal(folder, CheckpointPaths.ReferencedFolder(file));
        Assert.Equal(path, CheckpointPaths.FileOf("job/0/chk-0000000042-ab", file)); // What leads anywhere else, storage refuses.
    }

    [Theory]
    [InlineData("channel-0", "../chk-0000000042-ab/channel-0")]
    [InlineData("../chk-0000000041-aa/channel-0", "../chk-0000000041-aa/channel-0")]
    public void What_is_passed_on_names_the_folder_where_it_lies(string file, string passedOn) =>
        Assert.Equal(passedOn, CheckpointPaths.FromBeside("job/0/chk-0000000042-ab", file));

    [Fact]
    public void Folders_are_found_among_files_oldest_first() => Assert.Equal(
        ["job/0/chk-0000000009-aa", "job/0/chk-0000000010-aa"],
        CheckpointPaths.CheckpointFoldersOf(["job/0/LATEST", "job/0/chk-0000000010-aa/_metadata", "job/0/chk-0000000009-aa/state-0", "job/0/chk-0000000010-aa/state-0"]));
}
