using Weir.Runtime.Operators;

namespace Weir.Tests.Graph;

public sealed class OperatorTests
{
    [Fact]
    public void A_map_makes_one_of_each()
    {
        var script = new ChainScript<long, long>(job => job.Numbers().Rebalance().Map(n => n * 10).Rebalance().ToNowhere(), task: 1);
        script.Take(1, 2);
        Assert.Equal([10, 20], script.Output.Records);
    }

    [Fact]
    public void A_filter_keeps_what_meets_the_condition()
    {
        var script = new ChainScript<long, long>(job => job.Numbers().Rebalance().Filter((in n) => n > 1).Rebalance().ToNowhere(), task: 1);
        script.Take(1, 2, 3);
        Assert.Equal([2, 3], script.Output.Records);
    }

    [Fact]
    public void A_flat_map_makes_any_number_of_each()
    {
        var script = new ChainScript<long, long>(
            job => job.Numbers().Rebalance()
                .FlatMap<long>((in n, output) =>
                {
                    for (long i = 0; i < n; i++)
                    {
                        output.Emit(in n);
                    }
                })
                .Rebalance().ToNowhere(),
            task: 1);
        script.Take(2, 0, 1);
        Assert.Equal([2, 2, 1], script.Output.Records);
    }

    [Fact]
    public void A_chain_calls_its_operators_in_order()
    {
        var sink = new ListSink<string>("out");
        var script = new ChainScript<long, string>(job => job.Numbers().Rebalance().Map(n => n + 1).Map(n => $"<{n}>").To(sink), task: 1);
        script.Take(1);
        Assert.Equal(["<2>"], sink.Records);
        Assert.Equal(["map-1", "map-2", "out"], script.Chain.Operators.Select(member => member.Id));
    }

    [Fact]
    public void A_sink_that_has_no_room_stops_the_chain_after_the_record()
    {
        var sink = new ListSink<long>("out") { IsReady = false };
        var script = new ChainScript<long, long>(job => job.Numbers().Rebalance().To(sink), task: 1);
        Assert.False(script.IsReady);
        script.Take(1);
        Assert.True(script.Record.StopAfterThis);
        sink.IsReady = true;
        Assert.True(script.IsReady);
    }

    [Fact]
    public async Task A_sink_hands_on_the_end_of_steps_switches_and_flushes()
    {
        var sink = new ListSink<long>("out");
        var script = new ChainScript<long, long>(job => job.Numbers().Rebalance().To(sink), task: 1);
        var tail = (ISinkOperator)script.Chain.Operators[^1];
        script.Take(5, 6);
        tail.EndStep();
        tail.Switch(7);
        await tail.FlushAsync(TestContext.Current.CancellationToken);
        tail.Close();
        Assert.Equal(["end of step", "switch 7", "flush", "dispose"], sink.Calls);
        Assert.Equal(2, tail.Records);
    }
}
