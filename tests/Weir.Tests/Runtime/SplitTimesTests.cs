using Weir.Runtime;
using Weir.Runtime.Operators;

namespace Weir.Tests.Runtime;

/// <summary>Event time of a generator's splits. The clock has a tick a second here; a split is idle after 60.</summary>
public sealed class SplitTimesTests
{
    private const int A = 0;
    private const int B = 1;

    [Fact]
    public void The_split_that_is_furthest_behind_counts()
    {
        var times = Times("a", "b");
        times.Take(A, 100);
        Assert.Null(times.Look(1, couldTake: true));
        Assert.Equal(long.MinValue, times.Reached);
        times.Take(B, 40);
        times.Take(A, 90);
        times.Look(2, couldTake: true);
        Assert.Equal((40, 100, false), (times.Reached, times.Highest, times.IsIdle));
    }

    [Fact]
    public void A_split_that_brings_nothing_for_long_is_left_out_and_counts_again_when_it_brings_some()
    {
        var times = Times("a", "b");
        times.Take(B, 40);
        for (int second = 1; second <= 60; second++)
        {
            times.Take(A, 100 + second);
            Assert.Null(times.Look(second, couldTake: true));
            Assert.Equal(40, times.Reached);
        }
        times.Take(A, 200);
        Assert.Equal("b", times.Look(61, couldTake: true));
        Assert.Equal(200, times.Reached);
        times.Take(A, 300);
        times.Take(B, 41);
        Assert.Null(times.Look(62, couldTake: true));
        Assert.Equal(200, times.Reached);
        times.Take(B, 250);
        times.Look(63, couldTake: true);
        Assert.Equal(250, times.Reached);
    }

    [Fact]
    public void Where_all_are_idle_event_time_has_come_as_far_as_any()
    {
        var times = Times("a", "b");
        times.Take(A, 100);
        times.Take(B, 40);
        for (int second = 1; second < 61; second++)
        {
            times.Look(second, couldTake: true);
            Assert.Equal((40, false), (times.Reached, times.IsIdle));
        }
        Assert.NotNull(times.Look(61, couldTake: true));
        Assert.Equal((100, true), (times.Reached, times.IsIdle));
    }

    [Fact]
    public void Time_without_room_and_time_in_which_nothing_moved_make_no_split_idle()
    {
        var times = Times("a");
        times.Take(A, 100);
        times.Look(1, couldTake: true);
        times.Look(10_000, couldTake: false);
        Assert.False(times.IsIdle);
        times.Look(20_000, couldTake: true);      // the process stood still: half of the bound counts
        Assert.False(times.IsIdle);
        times.Look(20_030, couldTake: true);
        Assert.True(times.IsIdle);
    }

    [Fact]
    public void A_subtask_without_splits_is_idle_from_the_beginning()
    {
        var times = Times();
        times.Look(1, couldTake: true);
        Assert.Equal((true, long.MinValue), (times.IsIdle, times.Reached));
    }

    [Fact]
    public void Records_that_do_not_say_their_split_count_as_ones()
    {
        var times = Times("a", "b");
        times.Take(RecordContext.NoSplit, 100);
        times.Look(1, couldTake: true);
        Assert.Equal(100, times.Reached);
        var behindAnEdge = new SplitTimes(null, idleAfter: 60, now: 0);
        behindAnEdge.Take(RecordContext.NoSplit, 50);
        behindAnEdge.Look(1, couldTake: true);
        Assert.Equal(50, behindAnEdge.Reached);
    }

    [Fact]
    public void A_split_goes_on_with_its_own_time_whoever_reads_it_next()
    {
        var before = Times("a", "b");
        before.Take(A, 100);
        before.Take(B, 40);
        for (int second = 1; second < 70; second++)
        {
            before.Take(A, 100);
            before.Look(second, couldTake: true);
        }
        Assert.Equal(100, before.Reached);
        var stored = before.Store().ToDictionary(one => one.Split, one => one.Text);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "100", ["b"] = "40i" }, stored);

        var both = Times("b", "a", "new");
        both.Begin(stored, otherwise: 100);
        both.Look(0, couldTake: true);
        Assert.Equal((100, false), (both.Reached, both.IsIdle));      // b is idle still, and what is new holds nothing back
        var alone = Times("b");
        alone.Begin(stored, otherwise: 7);
        alone.Look(0, couldTake: true);
        Assert.Equal((40, true), (alone.Reached, alone.IsIdle));
        var older = Times("a", "b");
        older.Begin(new Dictionary<string, string>(), otherwise: 90);      // a checkpoint that knew no splits
        older.Look(0, couldTake: true);
        Assert.Equal(90, older.Reached);
    }

    [Fact]
    public void A_life_without_records_hands_on_what_it_was_given()
    {
        var silent = Times("a", "new");
        silent.Begin(new Dictionary<string, string> { ["a"] = "100" }, otherwise: 90);
        silent.Look(1, couldTake: true);
        Assert.Equal([("a", "100")], silent.Store());      // whether records say their split is not known again before one comes

        silent.Take(A, 110);
        silent.Look(2, couldTake: true);
        Assert.Equal([("a", "110"), ("new", "100")], silent.Store());
    }

    private static SplitTimes Times(params string[] splits) => new(splits, idleAfter: 60, now: 0);
}
