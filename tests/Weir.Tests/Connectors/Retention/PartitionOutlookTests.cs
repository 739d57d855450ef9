using Weir.Connectors.Kafka.Retention;

namespace Weir.Tests.Connectors.Retention;

public sealed class PartitionOutlookTests
{
    private static readonly SizeBound s_megabyte = new(1_000_000, 0);

    [Fact]
    public void What_is_appended_fills_the_room_behind_a_position()
    {
        // 1,000 bytes with what a record takes beside, so room for 1,000; 10 a second.
        var outlook = Seen((0, 0, 100), (10, 0, 200));
        Assert.Equal(Seconds(80), outlook.Until(0, s_megabyte, bytesEach: 920));
        Assert.Equal(Seconds(90), outlook.Until(100, s_megabyte, bytesEach: 920));
        Assert.Equal(Seconds(100), outlook.Kept(s_megabyte, bytesEach: 920));
    }

    [Fact]
    public void A_position_with_more_behind_it_than_there_is_room_for_has_no_time_left() =>
        Assert.Equal(TimeSpan.Zero, Seen((0, 0, 1900), (10, 0, 2000)).Until(0, s_megabyte, bytesEach: 920));

    [Fact]
    public void What_lies_in_a_log_fits_into_it_however_large_its_records_seem()
    {
        // Read, they are 100 kB each; there are 5,000 of them in a megabyte, so that they are compressed.
        var outlook = Seen((0, 0, 4900), (10, 0, 5000));
        Assert.Equal(Seconds(500), outlook.Kept(s_megabyte, bytesEach: 100_000));
        Assert.Equal(Seconds(250), outlook.Kept(new SizeBound(1_000_000, 1_000_000), bytesEach: 100_000));      // half of them may be what is beyond
    }

    [Theory]
    [InlineData(100, false)]      // nothing comes in
    [InlineData(200, true)]       // no bound
    public void Without_a_bound_or_anything_new_no_end_is_in_sight(long end, bool unbounded)
    {
        var outlook = Seen((0, 0, 100), (10, 0, end));
        Assert.Null(outlook.Until(0, unbounded ? null : s_megabyte, bytesEach: 920));
        Assert.Null(outlook.Kept(unbounded ? null : s_megabyte, bytesEach: 920));
    }

    [Fact]
    public void One_look_knows_no_rate() => Assert.Null(Seen((0, 0, 100)).Until(0, s_megabyte, bytesEach: 920));

    [Fact]
    public void The_sooner_of_two_ends_counts()
    {
        // The start moves by 10 a second, and reaches 500 in 40 s; by size it may stay for longer, or go sooner.
        var outlook = Seen((0, 0, 1000), (5, 50, 1050), (10, 100, 1100));
        Assert.Equal(Seconds(40), outlook.Until(500, new SizeBound(100_000_000, 0), bytesEach: 920));
        Assert.Equal(Seconds(10), outlook.Until(500, new SizeBound(700_000, 2_100_000), bytesEach: 920));
    }

    [Fact]
    public void The_rate_is_that_of_the_last_looks()
    {
        var outlook = new PartitionOutlook();
        for (int look = 0; look < 40; look++)
        {
            outlook.Look(Seconds(look), 0, look < 20 ? look * 1000 : 20_000 + look);
        }
        Assert.Equal(1, outlook.AppendedPerSecond);
    }

    [Theory]
    [InlineData("delete", "60000", "-1", 60.0, null)]
    [InlineData("delete", "-1", "1000000", null, 1_000_000L)]
    [InlineData("compact,delete", "60000", "1000000", 60.0, 1_000_000L)]
    [InlineData("compact", "60000", "1000000", null, null)]
    public void Settings_say_what_deletes(string policy, string ms, string bytes, double? age, long? size)
    {
        var retention = TopicRetention.Of(new Dictionary<string, string> { ["cleanup.policy"] = policy, ["retention.ms"] = ms, ["retention.bytes"] = bytes, ["segment.bytes"] = "500" });
        Assert.Equal((age, size, size is null ? null : 500L), (retention.Age?.TotalSeconds, retention.Size?.Bytes, retention.Size?.SegmentBytes));
    }

    private static PartitionOutlook Seen(params (int At, long Start, long End)[] looks)
    {
        var outlook = new PartitionOutlook();
        foreach (var (at, start, end) in looks)
        {
            outlook.Look(Seconds(at), start, end);
        }
        return outlook;
    }

    private static TimeSpan Seconds(double count) => TimeSpan.FromSeconds(count);
}
