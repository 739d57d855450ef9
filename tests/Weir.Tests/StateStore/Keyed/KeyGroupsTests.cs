using CsCheck;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class KeyGroupsTests
{
    [Fact]
    public void The_subtasks_ranges_cover_all_key_groups_once() =>
        Gen.Int[2, 1000].SelectMany(max => Gen.Select(Gen.Const(max), Gen.Int[1, max])).Sample((max, parallelism) =>
        {
            var groups = new KeyGroups(max);
            int next = 0;
            for (int subtask = 0; subtask < parallelism; subtask++)
            {
                var range = groups.RangeOf(subtask, parallelism);
                Assert.Equal(next, range.First);
                Assert.True(range.Count >= 1);
                for (int group = range.First; group <= range.Last; group++)
                {
                    Assert.Equal(subtask, groups.SubtaskOf(group, parallelism));
                }
                next = range.Last + 1;
            }
            Assert.Equal(max, next);
        });

    [Fact]
    public void A_hash_belongs_to_the_group_of_its_remainder() =>
        Gen.Select(Gen.Int[2, KeyGroups.MaxParallelismMax], Gen.UInt).Sample((max, hash) => new KeyGroups(max).Of(hash) == (int)(hash % (uint)max));

    [Fact]
    public void Ranges_are_as_they_always_were()
    {
        var groups = new KeyGroups();
        Assert.Equal([new(0, 42), new(43, 85), new(86, 127)], Enumerable.Range(0, 3).Select(subtask => groups.RangeOf(subtask, 3)));
    }

    [Fact]
    public void What_can_t_be_divided_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyGroups(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyGroups(4).RangeOf(0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyGroups(4).RangeOf(2, 2));
    }
}
