using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>A checkpoint that begins aligned and turns unaligned, wherever its barriers are by then.</summary>
public sealed class TurnUnalignedTests
{
    [Fact]
    public void A_barrier_that_is_still_queued_overtakes_what_is_before_it()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Deliver(0, 1, 2);
        gate.Deliver(0, 3);
        gate.Barrier(0, seven);
        gate.Take(1);
        Assert.Empty(gate.Output.Put);
        Turn(gate, seven);
        gate.RunBackground();
        Assert.Equal(["barrier 7"], gate.Output.Put);
        Assert.Equal(1, gate.Output.TakenAtBarrier[7]);
        Assert.Equal([2, 3], gate.Stored(seven));
        gate.TakeAll();
        Assert.Equal([1, 2, 3], gate.Taken);
    }

    [Fact]
    public void A_channel_that_waits_at_its_cut_goes_on_and_the_others_are_captured_until_their_barriers_come()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.Deliver(0, 2);
        gate.Deliver(1, 11);
        gate.TakeAll();
        Assert.Equal([1, 11], gate.Taken.Order());
        Turn(gate, seven);
        Assert.Equal(2, gate.Output.TakenAtBarrier[7]);
        gate.Deliver(1, 12);
        gate.TakeAll();
        gate.Barrier(1, seven);
        gate.Deliver(1, 13);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal([12], gate.Stored(seven));
        Assert.Equal([1, 2, 11, 12, 13], gate.Taken.Order());
    }

    [Fact]
    public void A_barrier_that_is_put_after_the_walk_is_visible_at_once()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        Turn(gate, seven);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal([1], gate.Stored(seven));
    }

    [Fact]
    public void A_task_without_room_takes_the_barrier_all_the_same()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.Take(0);
        Turn(gate, seven);
        gate.RunBackground();
        Assert.Empty(gate.Taken);
        Assert.Equal([1, 2], gate.Stored(seven));
    }

    [Fact]
    public void One_that_was_met_aligned_stores_nothing_although_it_turns_afterwards()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.Deliver(0, 2);
        gate.TakeAll();
        Turn(gate, seven);
        gate.RunBackground();
        Assert.Empty(gate.Stored(seven));
        Assert.Equal(["barriers 7", "acknowledged 7"], gate.Said);
    }

    private static void Turn(GateScript gate, Checkpoint checkpoint)
    {
        checkpoint.TurnUnaligned();
        gate.Lift(checkpoint);
        gate.StepToRest();
    }
}
