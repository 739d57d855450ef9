using Weir.Connectors.Kafka.Retention;

namespace Weir.Tests.Connectors.Retention;

public sealed class ExpirySearchTests
{
    private const long ExpiredMs = 1_000_000_000;

    private static readonly TimeSpan Horizon = TimeSpan.FromHours(2);

    [Theory, InlineData(0), InlineData(1), InlineData(30), InlineData(119)]
    public void It_finds_the_time_that_is_left_to_a_minute_and_never_more(int minutes)
    {
        var (left, asked) = Search([ExpiredMs + Ms(minutes), ExpiredMs + Ms(500)], position: 0);
        Assert.InRange(TimeSpan.FromMinutes(minutes) - left!.Value, TimeSpan.Zero, Horizon / 128);
        Assert.InRange(asked, 2, 8);
    }

    [Fact]
    public void What_is_kept_for_longer_than_the_horizon_costs_one_question()
    {
        Assert.Equal((null, 1), Search([ExpiredMs + Ms(121)], position: 0));
    }

    [Fact]
    public void What_expired_long_ago_has_no_time_left() => Assert.Equal(TimeSpan.Zero, Search([5, 6, 7], position: 1).Left);

    [Fact]
    public void A_newer_record_before_the_position_keeps_it() =>
        Assert.InRange(Search([ExpiredMs + Ms(60), 5, 6], position: 2).Left!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));

    [Fact]
    public void A_newer_record_behind_the_position_does_not() => Assert.Equal(TimeSpan.Zero, Search([5, 6, ExpiredMs + Ms(60)], position: 1).Left);

    [Fact]
    public void A_horizon_of_nothing_ends() => Assert.Equal(1, Search([5], position: 0, TimeSpan.Zero).Asked);

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void It_says_what_the_broker_would_do(int seed)
    {
        var chance = new Random(seed);
        for (int round = 0; round < 500; round++)
        {
            long[] times = [.. Enumerable.Range(0, chance.Next(1, 20)).Select(_ => ExpiredMs + Ms(chance.Next(-100, 200)))];
            int position = chance.Next(times.Length);
            // The position goes when the newest record up to it has expired, if its segment ends with it: the earliest of all cuts.
            var goes = TimeSpan.FromMilliseconds(Math.Max(0, times[..(position + 1)].Max() - ExpiredMs));
            var left = Search(times, position).Left;
            Assert.Equal(goes >= Horizon, left is null);
            if (left is { } found)
            {
                Assert.InRange(goes - found, TimeSpan.Zero, Horizon / 128);
            }
        }
    }

    private static (TimeSpan? Left, int Asked) Search(long[] times, long position, TimeSpan? horizon = null)
    {
        var search = new ExpirySearch(position, ExpiredMs, horizon ?? Horizon);
        int asked = 0;
        for (; !search.IsDone; asked++)
        {
            search.Answer(Array.FindIndex(times, time => time >= search.AskMs));
        }
        return (search.Left, asked);
    }

    private static long Ms(int minutes) => minutes * 60_000L;
}
