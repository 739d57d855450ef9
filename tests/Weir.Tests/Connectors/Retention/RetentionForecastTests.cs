using Weir.Connectors.Kafka.Retention;

namespace Weir.Tests.Connectors.Retention;

public sealed class RetentionForecastTests
{
    [Fact]
    public void A_start_that_stands_still_foretells_nothing() => Assert.Null(Seen((0, 0, 100), (15, 0, 5000), (30, 0, 9000)).Until(1));

    [Fact]
    public void A_position_that_the_start_has_passed_has_no_time_left() => Assert.Equal(TimeSpan.Zero, Seen((0, 100, 200)).Until(99));

    [Fact]
    public void A_start_that_moves_evenly_reaches_a_position_when_the_line_does()
    {
        var forecast = Seen((0, 0, 10_000), (10, 100, 10_100), (20, 200, 10_200), (30, 300, 10_300));
        Assert.Equal(Seconds(70), forecast.Until(1000));
        Assert.Equal(TimeSpan.Zero, forecast.Until(300));
    }

    [Fact]
    public void Between_two_moves_time_goes_on()
    {
        var forecast = Seen((0, 0, 0), (100, 1000, 0), (200, 2000, 0), (240, 2000, 0));
        Assert.Equal(Seconds(60), forecast.Until(3000));
    }

    [Fact]
    public void A_move_that_is_overdue_moves_the_end_away()
    {
        var onTime = Seen((0, 0, 0), (100, 1000, 0), (200, 2000, 0), (300, 2000, 0));
        Assert.Equal(Seconds(300), onTime.Until(6000));
        var late = Seen((0, 0, 0), (100, 1000, 0), (200, 2000, 0), (500, 2000, 0));
        Assert.Equal(Seconds(1100), late.Until(6000));      // a third of the speed, and one step has passed
    }

    [Fact]
    public void One_move_is_no_faster_than_what_comes_in()
    {
        // A segment of 100,000 went between two looks, while 1,000 came each second.
        var forecast = Seen((0, 0, 1_000_000), (10, 100_000, 1_010_000));
        Assert.Equal(Seconds(200), forecast.Until(300_000));
        Assert.Null(Seen((0, 0, 1_000_000), (10, 100_000, 1_000_000)).Until(300_000));
    }

    [Fact]
    public void A_speed_that_changed_is_known_after_as_many_moves_as_are_kept()
    {
        var forecast = new RetentionForecast();
        long start = 0;
        for (int look = 0; look < 50; look++)
        {
            forecast.Look(Seconds(look), start += look < 20 ? 1000 : 10, 1_000_000);
        }
        Assert.Equal(Seconds(100), forecast.Until(start + 1000));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void It_is_never_later_than_an_even_deletion(int seed)
    {
        var chance = new Random(seed);
        double speed = chance.Next(10, 10_000), segment = chance.Next(100, 1_000_000);
        var forecast = new RetentionForecast();
        double now = 0;
        for (int look = 0; look < 2000; look++, now += 15)
        {
            forecast.Look(Seconds(now), Start(now), (long)(speed * now) + 10_000_000);
            long position = Start(now) + chance.Next(1, 5_000_000);
            if (look > 1 && forecast.Until(position) is { } left)
            {
                // Looks are 15 s apart, so that a move may have been up to as much earlier than it was seen, at both ends of the line.
                double passed = Math.Ceiling(position / segment) * segment / speed;
                Assert.True(left.TotalSeconds <= ((passed - now) * 1.5) + 30, $"look {look}: {left} instead of {passed - now} s");
            }
        }

        long Start(double at) => (long)(Math.Floor(speed * at / segment) * segment);
    }

    private static RetentionForecast Seen(params (int At, long Start, long End)[] looks)
    {
        var forecast = new RetentionForecast();
        foreach (var (at, start, end) in looks)
        {
            forecast.Look(Seconds(at), start, end);
        }
        return forecast;
    }

    private static TimeSpan Seconds(double count) => TimeSpan.FromSeconds(count);
}
