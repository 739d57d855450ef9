using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

public sealed class AlignedBarrierTests
{
    [Fact]
    public void A_channel_stops_at_its_cut_and_the_others_go_on()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.Deliver(0, 2);
        gate.Deliver(1, 11);
        gate.Deliver(1, 12);
        gate.TakeAll();
        Assert.Equal([1, 11, 12], gate.Taken);
        Assert.Empty(gate.Output.Put);
    }

    [Fact]
    public void It_snapshots_when_all_cuts_are_reached_and_then_goes_on()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.Deliver(0, 2);
        gate.TakeAll();
        gate.Deliver(1, 11);
        gate.Barrier(1, seven);
        gate.Deliver(1, 12);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal([1, 11], gate.Taken.Take(gate.Output.TakenAtBarrier[7]));
        Assert.Equal([2, 12], gate.Taken.Skip(2).Order());
        Assert.Empty(gate.Stored(seven));
    }

    [Fact]
    public void A_cut_is_not_reached_while_the_record_in_hand_or_a_restored_one_is_unread()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Restore(0, [1, 2]);
        gate.Deliver(0, 3, 4);
        gate.Barrier(0, seven);
        foreach (int _ in Enumerable.Range(0, 4))
        {
            Assert.Empty(gate.Output.Put);
            gate.Take(1);
        }
        gate.TakeAll();
        Assert.Equal(4, gate.Output.TakenAtBarrier[7]);
    }

    [Fact]
    public void The_barrier_of_an_empty_channel_is_met_at_once()
    {
        using var gate = new GateScript();
        gate.Barrier(0, gate.Begin(7, CheckpointMode.Aligned));
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal(["barriers 7", "acknowledged 7"], gate.Said);
    }

    [Fact]
    public void A_channel_at_its_end_waits_for_the_barrier_behind_it()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.End(0);
        gate.Barrier(1, seven);
        gate.TakeAll();
        Assert.Empty(gate.Output.Put);
        gate.Barrier(0, seven);
        gate.TakeAll();
        Assert.Equal(["barrier 7"], gate.Output.Put);
    }

    [Fact]
    public void An_unaligned_checkpoint_overtakes_what_an_aligned_one_before_it_could_not()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        var eight = gate.Begin(8);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.Take(0);
        gate.End(seven);
        gate.Barrier(0, eight);
        gate.Barrier(1, eight);
        gate.Take(0);
        gate.RunBackground();
        Assert.Equal([1], gate.Stored(eight));
    }
}
