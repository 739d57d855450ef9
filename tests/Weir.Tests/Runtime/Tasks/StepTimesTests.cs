using Weir.Runtime.Tasks;

namespace Weir.Tests.Runtime;

/// <summary>What a subtask spends its time with.</summary>
public sealed class StepTimesTests
{
    [Fact]
    public void Each_state_has_the_time_until_the_next_and_the_last_one_until_now()
    {
        var times = new StepTimes(began: 100);
        times.Enter(StepState.Busy, 130);
        times.Enter(StepState.Queued, 135);
        times.Enter(StepState.Busy, 137);
        times.Enter(StepState.Backpressured, 138);

        Assert.Equal((30, 10, 2, 6), Of(times, 148));
        Assert.Equal((30, 60, 2, 6), Of(times, 198));
    }

    [Fact]
    public void A_look_at_a_time_before_the_last_note_takes_nothing_back()
    {
        var times = new StepTimes(began: 0);
        times.Enter(StepState.Busy, 10);

        Assert.Equal((10, 0, 0, 0), Of(times, 5));
    }

    [Fact]
    public async Task Who_looks_while_notes_are_made_sees_all_time_in_one_state_or_another()
    {
        const long Now = 1_000_000_000;
        var times = new StepTimes(began: 0);
        bool over = false;
        var writer = Task.Run(() =>
        {
            for (long now = 0; now < 1_000_000; now += 3)
            {
                times.Enter((StepState)(now % 4), now);
            }
            Volatile.Write(ref over, true);
        }, TestContext.Current.CancellationToken);
        while (!Volatile.Read(ref over))
        {
            var (idle, backpressured, queued, busy) = Of(times, Now);
            Assert.Equal(Now, idle + backpressured + queued + busy);
        }
        await writer;
    }

    private static (long Idle, long Backpressured, long Queued, long Busy) Of(StepTimes times, long now)
    {
        var spent = times.Until(now);
        return (spent[(int)StepState.Idle], spent[(int)StepState.Backpressured], spent[(int)StepState.Queued], spent[(int)StepState.Busy]);
    }
}
