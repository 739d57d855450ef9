using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>What is known of a job's parts while it runs. Times are exact: the clock is the test's.</summary>
public sealed class JobFiguresTests
{
    private readonly RoomSink<long> _out = new("out", room: 10);
    private readonly MemoryStorage _storage = new();

    [Fact]
    public void A_task_that_waits_for_room_is_backpressured_and_the_one_behind_it_that_has_none_too()
    {
        var job = Dealt(_ => { });
        job.Pass(1000);

        var (before, after) = (job.Runner.Figures, Passed(job, 500));

        Assert.Equal(["numbers", "map -> out"], after.Tasks.Select(task => task.Name));
        Assert.All(after.Tasks.Zip(before.Tasks), pair => Assert.Equal(
            (JobByHand.Ms(1000), TimeSpan.Zero, TimeSpan.Zero),
            (pair.First.Backpressured - pair.Second.Backpressured, pair.First.Idle - pair.Second.Idle, pair.First.Busy - pair.Second.Busy)));      // two subtasks, half a second
        Assert.True(after.Buffers is { Used: > 0, Free: 0, Overdraft: >= 0 }, $"{after.Buffers}");
    }

    [Fact]
    public void A_task_without_records_is_idle_and_its_batches_are_free()
    {
        _out.Give(100_000);
        var job = new JobByHand(job => job.From(new NumberSource("numbers", 2, 100, ends: false)).Rebalance().Map(number => number).WithId("map").To(_out), JobByHand.Settings(2), _storage);
        job.Pass(1);

        var (before, after) = (job.Runner.Figures, Passed(job, 500));

        Assert.All(after.Tasks.Zip(before.Tasks), pair => Assert.Equal(JobByHand.Ms(1000), pair.First.Idle - pair.Second.Idle));
        Assert.Equal((100, 100), (Assert.Single(after.Sources).Records, Assert.Single(after.Sinks).Records));
        Assert.Equal((0, 4, 0), (after.Buffers.Used, after.Buffers.Free, after.Buffers.Overdraft));
    }

    [Fact]
    public void Time_in_a_record_is_busy()
    {
        JobByHand job = null!;
        bool waits = false;
        job = Dealt(_ =>
        {
            if (waits)
            {
                waits = false;
                job.Executor.Clock.Pass(JobByHand.Ms(40));
            }
        });
        waits = true;
        job.Give(_out, 1);

        Assert.Equal(JobByHand.Ms(40), job.Runner.Figures.Tasks.Single(task => task.Name == "map -> out").Busy);
    }

    [Fact]
    public void They_go_on_where_an_attempt_ended()
    {
        bool fails = false;
        var job = Dealt(_ => { }, number => fails ? throw new InvalidOperationException("no such account") : number);
        job.Pass(1000);
        var before = job.Runner.Figures;
        fails = true;
        job.Give(_out, 10);
        Assert.Equal(JobPhase.Restarting, job.Runner.Status.Phase);

        var between = job.Runner.Figures;
        fails = false;
        job.Pass(2000);
        var after = job.Runner.Figures;

        Assert.True(before.Sources[0].Records > 0);
        Assert.True(between.Sources[0].Records >= before.Sources[0].Records && after.Sources[0].Records > between.Sources[0].Records, $"{before.Sources[0]} {between.Sources[0]} {after.Sources[0]}");
        Assert.True(between.Sinks[0].Records == before.Sinks[0].Records && after.Sinks[0].Records > between.Sinks[0].Records, $"{before.Sinks[0]} {between.Sinks[0]} {after.Sinks[0]}");
        Assert.Equal((0, 0, 0), (between.Buffers.Used, between.Buffers.Free, between.Buffers.Overdraft));
        Assert.All(after.Tasks.Zip(before.Tasks), pair => Assert.True(pair.First.Backpressured >= pair.Second.Backpressured && pair.First.Idle >= pair.Second.Idle));
        Assert.Equal((after.Sources.Sum(source => source.Records), after.Sinks.Sum(sink => sink.Records)), (job.Runner.Status.RecordsIn, job.Runner.Status.RecordsOut));
    }

    [Fact]
    public void A_sources_event_time_is_that_of_the_subtask_that_holds_it_back_until_it_is_idle()
    {
        _out.Give(100_000);
        var job = new JobByHand(
            job => job.From(new NumberSource("numbers", 2, 100, ends: false)).WithWatermarks("times", number => number, TimeSpan.Zero, JobByHand.Ms(400)).Rebalance().Map(number => number).To(_out),
            JobByHand.Settings(2),
            _storage);
        job.Pass(1);

        var source = Assert.Single(job.Runner.Figures.Sources);
        Assert.Equal(("numbers", DateTimeOffset.UnixEpoch.AddMilliseconds(97), false), (source.Name, source.Watermark, source.IsIdle)); // The even ones come to 98, of which the last may yet come again.
        job.Pass(100_000);
        source = Assert.Single(job.Runner.Figures.Sources);
        Assert.Equal((null, true), (source.Watermark, source.IsIdle));
    }

    private static JobFigures Passed(JobByHand job, int milliseconds)
    {
        job.Executor.Clock.Pass(JobByHand.Ms(milliseconds));
        return job.Runner.Figures;
    }

    private JobByHand Dealt(Action<long> onWrite, Func<long, long>? map = null)
    {
        _out.OnWrite = onWrite;
        return new(job => job.From(new NumberSource("numbers", 2, 2000)).Rebalance().Map(map ?? (number => number)).WithId("map").To(_out), JobByHand.Settings(2), _storage);
    }
}
