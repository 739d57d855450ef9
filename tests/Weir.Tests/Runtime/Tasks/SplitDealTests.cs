using Weir.Runtime;
using Weir.Runtime.Tasks;

namespace Weir.Tests.Runtime;

public sealed class SplitDealTests
{
    [Fact]
    public void Splits_are_dealt_in_turn() => Assert.Equal(["0: a c", "1: b"], Text(SplitDeal.Deal("in", Splits("a", "b", "c"), parallelism: 2)));

    [Fact]
    public void New_ones_go_to_those_who_read_least_and_nobody_loses_what_he_reads() =>
        Assert.Equal(["0: a c e", "1: b d", "2: f g"], Text(SplitDeal.Add("in", SplitDeal.Deal("in", Splits("a", "b", "c"), parallelism: 2), Splits("f", "d", "g", "e"), parallelism: 3)));

    [Fact]
    public void Without_new_ones_nothing_changes()
    {
        var dealt = SplitDeal.Deal("in", Splits("a", "b", "c"), parallelism: 2);

        Assert.Same(dealt, SplitDeal.Add("in", dealt, [], parallelism: 2));
    }

    private static SplitPosition[] Splits(params string[] names) => [.. names.Select(name => new SplitPosition(name, 0))];

    private static string[] Text(IEnumerable<SubtaskSplits> dealt) => [.. dealt.Select(one => $"{one.Subtask}: {string.Join(' ', one.Splits.Select(split => split.Split))}")];
}
