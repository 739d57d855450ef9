using CsCheck;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class CheckpointRetentionTests
{
    [Fact]
    public void The_newest_committed_are_kept() => Assert.Equal(
        [Folder(1), Folder(2)],
        CheckpointRetention.ChooseDeletions([Folder(5), Folder(4), Folder(3), Folder(2)], Folders(1, 2, 3, 4, 5), NoReferences));

    [Fact]
    public void Folders_that_no_pointer_names_do_not_count() => Assert.Equal(
        [Folder(1), Folder(2)],
        CheckpointRetention.ChooseDeletions([Folder(9), Folder(6), Folder(3), Folder(2)], Folders(1, 2, 3, 4, 5, 6, 7, 8, 9), NoReferences));

    [Fact]
    public void What_is_newer_than_the_newest_committed_stays() =>
        Assert.Empty(CheckpointRetention.ChooseDeletions([Folder(5)], Folders(5, 6, 7), NoReferences, retained: 1));

    [Fact]
    public void What_a_kept_one_references_stays() => Assert.Equal(
        [Folder(1)],
        CheckpointRetention.ChooseDeletions([Folder(5), Folder(4)], Folders(1, 2, 3, 4, 5), ReferencesOf, retained: 2));

    [Fact]
    public void What_another_life_left_goes_with_the_numbers_it_took()
    {
        string other = CheckpointPaths.CheckpointFolder("job", 0, 5, "bb"), newer = CheckpointPaths.CheckpointFolder("job", 0, 6, "bb");
        Assert.Equal([other], CheckpointRetention.ChooseDeletions([Folder(5)], [Folder(5), other, newer], NoReferences, retained: 1));
    }

    [Fact]
    public void Without_a_committed_pointer_nothing_goes() => Assert.Empty(CheckpointRetention.ChooseDeletions([], Folders(1, 2), NoReferences));

    [Fact]
    public void What_is_no_checkpoint_stays() =>
        Assert.Empty(CheckpointRetention.ChooseDeletions([Folder(5)], [Folder(5), "job/sp-mine", "job/0/other"], NoReferences, retained: 1));

    [Fact]
    public void Nothing_kept_referenced_or_newer_ever_goes() =>
        Gen.Select(Gen.Int[1, 40].Array[0, 20], Gen.Int[1, 40].Array[0, 40], Gen.Int[1, 40].Array[0, 5], Gen.Int[1, 5]).Sample((committedIds, foundIds, referencedIds, retained) =>
        {
            var committed = committedIds.Distinct().OrderDescending().Select(id => Folder(id)).ToList();
            var referenced = referencedIds.Select(id => CheckpointPaths.LastPart(Folder(id))).ToList();
            var deleted = CheckpointRetention.ChooseDeletions(committed, foundIds.Distinct().Select(id => Folder(id)), _ => referenced, retained);
            var kept = committed.Take(retained).ToList();
            Assert.Empty(deleted.Intersect(kept));
            Assert.Empty(deleted.Select(CheckpointPaths.LastPart).Intersect(kept.Count > 0 ? referenced : []));
            Assert.All(deleted, folder => Assert.True(string.CompareOrdinal(folder, kept[^1]) < 0));
        });

    private static IReadOnlyList<string> ReferencesOf(string folder) => folder == Folder(5) ? ["chk-0000000002-aa", "chk-0000000003-aa"] : [];

    private static string Folder(int id) => CheckpointPaths.CheckpointFolder("job", 0, id, "aa");

    private static IEnumerable<string> Folders(params int[] ids) => ids.Select(id => Folder(id));

    private static IReadOnlyList<string> NoReferences(string folder) => [];
}
