using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Barriers that do not overtake, and those that come late for it: of broadcast edges, and of tasks behind one.</summary>
public sealed class LateBarrierTests
{
    [Fact]
    public void A_broadcast_barrier_does_not_overtake_and_nothing_before_it_is_stored()
    {
        using var gate = new GateScript(channels: 1, broadcast: 0);
        var checkpoint = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, checkpoint);
        gate.Take(1);
        Assert.DoesNotContain("barriers 7", gate.Said);
        gate.TakeAll();
        Assert.Contains("barriers 7", gate.Said);
        gate.RunBackground();
        Assert.Equal([1, 2], gate.Taken);
        Assert.Empty(gate.Stored(checkpoint));
    }

    [Fact]
    public void A_broadcast_barrier_stays_where_it_is_when_its_checkpoint_turns_unaligned()
    {
        using var gate = new GateScript(channels: 1, broadcast: 0);
        var checkpoint = gate.Begin(7, CheckpointMode.Aligned);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, checkpoint);
        checkpoint.TurnUnaligned();
        gate.Lift(checkpoint);
        gate.Take(1);
        Assert.DoesNotContain("barriers 7", gate.Said);
        gate.TakeAll();
        Assert.Contains("barriers 7", gate.Said);
    }

    [Fact]
    public void The_first_barrier_is_not_enough_where_another_channel_is_late()
    {
        using var gate = new GateScript(channels: 2, late: 1);
        var checkpoint = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, checkpoint);
        gate.StepToRest();
        Assert.Empty(gate.Output.Put);
        gate.Barrier(1, checkpoint);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Contains("acknowledged 7", gate.Said);
    }

    [Fact]
    public void With_the_late_barrier_what_the_other_channels_hold_is_stored()
    {
        using var gate = new GateScript(channels: 2, late: 1);
        var checkpoint = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Deliver(1, 3);
        gate.Barrier(1, checkpoint);
        gate.StepToRest();
        gate.Barrier(0, checkpoint);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal([1, 2], gate.Stored(checkpoint, 0));
        Assert.Equal([3], gate.Stored(checkpoint, 1));
    }

    [Fact]
    public void While_a_late_barrier_is_awaited_its_channel_is_read_first()
    {
        using var gate = new GateScript(channels: 3, broadcast: 2);
        var checkpoint = gate.Begin(7);
        gate.Deliver(0, 1);
        gate.Deliver(0, 2);
        gate.Deliver(1, 3);
        gate.Barrier(1, checkpoint);
        gate.Deliver(2, 10);
        gate.Deliver(2, 11);
        gate.Barrier(2, checkpoint);
        gate.Take(2);
        Assert.Equal([10, 11], gate.Taken);
        gate.TakeAll();
        gate.Barrier(0, checkpoint);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Contains("acknowledged 7", gate.Said);
    }

    [Fact]
    public void While_a_late_barrier_is_awaited_no_other_channel_is_read_past_its_cut()
    {
        using var gate = new GateScript(channels: 2, late: 1);
        var checkpoint = gate.Begin(7);
        gate.Deliver(0, 1);
        gate.Barrier(0, checkpoint);
        gate.Deliver(0, 2);
        gate.TakeAll();
        Assert.Equal([1], gate.Taken);
        gate.Barrier(1, checkpoint);
        gate.TakeAll();
        Assert.Equal([1, 2], gate.Taken);
    }
}
