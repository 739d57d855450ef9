using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class CheckpointChoiceTests
{
    private const string Folder = "ledger/0/chk-0000000007-aa";

    private static readonly StartSituation Nothing = new() { Job = "ledger" };

    private static readonly CheckpointPointer Seven = new() { CheckpointId = 7, Location = Folder, LifeId = "aa", PreviousId = 6 };

    [Fact]
    public void Where_nothing_was_before_it_is_the_first_start() => Assert.Equal(new FirstStart(Asked: false), CheckpointChoice.Choose(Nothing));

    [Fact]
    public void A_pointer_is_restored_whatever_lies_in_the_store() =>
        Assert.Equal(new RestorePointer(Seven), CheckpointChoice.Choose(Nothing with { Latest = Seven, Folders = ["ledger/0/chk-0000000008-aa"], GroupHasOffsets = true }));

    [Fact]
    public void A_checkpoint_without_a_pointer_is_refused_with_both_ways_out() => MustRefuse(Nothing with { Folders = [Folder] }, Folder, "--from PATH", "--first-start");

    [Fact]
    public void Offsets_without_a_pointer_are_refused_with_both_ways_out() => MustRefuse(Nothing with { GroupHasOffsets = true }, "offsets", "--from PATH", "--first-start");

    [Fact]
    public void Offsets_are_no_riddle_where_the_start_mode_is_group()
    {
        Assert.Equal(new FirstStart(Asked: false), CheckpointChoice.Choose(Nothing with { GroupHasOffsets = true, StartModeIsGroup = true }));
        MustRefuse(Nothing with { Folders = [Folder], StartModeIsGroup = true }, Folder);
    }

    [Fact]
    public void The_start_mode_group_is_refused_while_a_pointer_exists() => MustRefuse(Nothing with { Latest = Seven, StartModeIsGroup = true }, "checkpoint 7", "--first-start");

    [Fact]
    public void A_first_start_that_is_asked_for_leaves_everything_behind() =>
        Assert.Equal(new FirstStart(Asked: true), CheckpointChoice.Choose(Nothing with { Latest = Seven, Folders = [Folder], AskedForFirstStart = true }));

    [Fact]
    public void A_path_is_restored_if_nothing_newer_is_committed()
    {
        Assert.Equal(new RestorePath("p", null), CheckpointChoice.Choose(Nothing with { From = "p" }));
        Assert.Equal(new RestorePath("p", null), CheckpointChoice.Choose(Nothing with { From = "p", FromCheckpointId = 7, Latest = Seven }));
    }

    [Fact]
    public void A_path_older_than_the_pointer_asks_for_duplicates_to_be_accepted()
    {
        var older = Nothing with { From = "p", FromCheckpointId = 6, Latest = Seven };
        MustRefuse(older, "checkpoint 7", "--accept-duplicates");
        MustRefuse(older with { FromCheckpointId = null }, "--accept-duplicates");
        Assert.Equal(new RestorePath("p", Seven), CheckpointChoice.Choose(older with { AcceptsDuplicates = true }));
    }

    [Fact]
    public void A_path_that_the_pointer_names_already_is_no_wish_any_more() =>
        Assert.Equal(new RestorePointer(Seven), CheckpointChoice.Choose(Nothing with { From = Folder, Latest = Seven }));

    [Fact]
    public void The_two_ways_out_exclude_each_other() => MustRefuse(Nothing with { From = "p", AskedForFirstStart = true }, "exclude");

    [Fact]
    public void Without_kafka_the_latest_comes_first_and_then_the_newest()
    {
        string[] complete = ["j/0/chk-0000000009-aa", "j/0/chk-0000000010-aa", Folder];
        Assert.Equal([Folder, "j/0/chk-0000000010-aa", "j/0/chk-0000000009-aa"], CheckpointChoice.OrderCandidates(Seven, complete));
        Assert.Equal(["j/0/chk-0000000010-aa", "j/0/chk-0000000009-aa", Folder], CheckpointChoice.OrderCandidates(null, complete));
        Assert.Equal(["j/0/chk-0000000010-aa"], CheckpointChoice.OrderCandidates(Seven, ["j/0/chk-0000000010-aa"]));
    }

    [Fact]
    public void A_pointer_reads_back()
    {
        var start = new CheckpointPointer { CheckpointId = 0, Location = "", LifeId = "aa", StartPositions = [new("orders", "orders-0", 17), new("orders", "orders-1", 0)], Topics = new Dictionary<string, string> { ["orders"] = "id" } };
        var parsed = CheckpointPointer.Parse(start.Serialize(), "weir-commits-ledger");
        Assert.True(parsed.IsStart);
        Assert.Equal(start.StartPositions, parsed.StartPositions);
        Assert.Equal(start.Topics, parsed.Topics);
        parsed = CheckpointPointer.Parse(Seven.Serialize(), "LATEST");
        Assert.Equal(Seven with { StartPositions = parsed.StartPositions, Topics = parsed.Topics }, parsed);
    }

    [Fact]
    public void Every_flipped_bit_and_every_truncation_of_a_pointer_is_noticed()
    {
        byte[] bytes = Seven.Serialize();
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(StorageFailure.Damaged, Assert.Throws<CheckpointStorageException>(() => CheckpointPointer.Parse(bytes, "LATEST")).Reason);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<CheckpointStorageException>(() => CheckpointPointer.Parse(bytes.AsSpan(0, length), "LATEST"));
        }
    }

    [Fact]
    public void A_pointer_of_another_release_or_too_large_is_refused()
    {
        Assert.Equal(StorageFailure.OtherFormat, Assert.Throws<CheckpointStorageException>(() => CheckpointPointer.Parse((Seven with { Version = 2 }).Serialize(), "LATEST")).Reason);
        var many = Seven with { StartPositions = [.. Enumerable.Range(0, 20_000).Select(n => new StartPosition("orders", $"orders-{n}", n))] };
        Assert.Throws<ArgumentException>(many.Serialize);
        Assert.Throws<CheckpointStorageException>(() => CheckpointPointer.Parse(new byte[CheckpointPointer.BytesMax + 1], "LATEST"));
    }

    private static void MustRefuse(StartSituation situation, params string[] said)
    {
        var refusal = Assert.IsType<RefuseStart>(CheckpointChoice.Choose(situation));
        Assert.Contains("'ledger'", refusal.Sentence, StringComparison.Ordinal);
        Assert.All(said, part => Assert.Contains(part, refusal.Sentence, StringComparison.Ordinal));
    }
}
