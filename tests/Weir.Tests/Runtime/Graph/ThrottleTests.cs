namespace Weir.Tests.Graph;

public sealed class ThrottleTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void One_record_passes_at_once_and_stops_what_follows()
    {
        var script = Throttled(10);
        Assert.True(script.IsReady);
        script.Take(1);
        Assert.Equal([1], script.Output.Records);
        Assert.True(script.Record.StopAfterThis);
        Assert.False(script.IsReady);
    }

    [Fact]
    public void The_subtask_is_woken_when_there_is_a_token_again()
    {
        var script = Throttled(10);
        script.Take(1);
        _time.Advance(99);
        Assert.Equal(0, script.Wakes);
        Assert.False(script.IsReady);
        _time.Advance(1);
        Assert.Equal(1, script.Wakes);
        Assert.True(script.IsReady);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(30_000)]
    public void In_ten_seconds_pass_as_many_as_the_rate_says(double rate)
    {
        var script = Throttled(rate);
        for (int ms = 0; ms < 10_000; ms++)
        {
            while (script.IsReady)
            {
                script.Take(ms);
            }
            _time.Advance(1);
        }
        Assert.InRange(script.Output.Records.Count, (rate * 10 * 0.99) - 1, (rate * 10) + 1);
    }

    [Fact]
    public void A_high_rate_does_not_set_a_timer_for_each_record()
    {
        var script = Throttled(10_000);
        for (int ms = 0; ms < 1000; ms++)
        {
            while (script.IsReady)
            {
                script.Take(ms);
            }
            _time.Advance(1);
        }
        Assert.InRange(_time.TimersSet, 1, 250);
    }

    [Fact]
    public void What_was_not_used_is_saved_for_a_tenth_of_a_second()
    {
        var script = Throttled(100);
        script.Take(0);
        _time.Advance(60_000);
        int taken = 0;
        while (script.IsReady)
        {
            script.Take(taken++);
        }
        Assert.Equal(10, taken);
    }

    [Fact]
    public void Records_that_come_all_the_same_pass_on_credit()
    {
        var script = Throttled(10);
        script.Take(1, 2, 3);
        Assert.Equal([1, 2, 3], script.Output.Records);
        _time.Advance(299);
        Assert.False(script.IsReady);
        _time.Advance(1);
        Assert.True(script.IsReady);
    }

    [Fact]
    public void A_wake_up_before_its_time_is_followed_by_another()
    {
        var script = Throttled(10);
        script.Take(1);
        script.Take(2); // The timer is set for one token; two are missing now.
        _time.Advance(100);
        Assert.Equal(1, script.Wakes);
        Assert.False(script.IsReady);
        _time.Advance(100);
        Assert.Equal(2, script.Wakes);
        Assert.True(script.IsReady);
    }

    private ChainScript<long, long> Throttled(double rate) => new(job => job.Numbers().Rebalance().Throttle(rate).Rebalance().ToNowhere(), task: 1, _time);
}
