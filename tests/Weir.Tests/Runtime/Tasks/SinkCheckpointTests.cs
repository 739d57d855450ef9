using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Subtasks whose chain ends in a sink, and subtasks that have finished.</summary>
public sealed class SinkCheckpointTests
{
    [Fact]
    public void A_transactional_sink_is_ready_once_and_does_not_snapshot_before_the_switch()
    {
        using var gate = new GateScript(channels: 2, transactional: true);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.Barrier(1, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal(["ready 7"], gate.Said);
        Assert.Empty(gate.Output.Put);
    }

    [Fact]
    public void A_ready_sink_reads_on_to_its_cuts_and_stops_there()
    {
        using var gate = new GateScript(channels: 2, transactional: true);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.Deliver(0, 2);
        gate.Deliver(1, 11);
        gate.TakeAll();
        gate.Deliver(1, 12);
        gate.TakeAll();
        Assert.Equal([1, 11, 12], gate.Taken);
    }

    [Fact]
    public void At_the_switch_it_stores_the_unread_rest_before_its_cuts()
    {
        using var gate = new GateScript(channels: 2, transactional: true);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2, 3);
        gate.Barrier(0, seven);
        gate.Deliver(0, 4);
        gate.Deliver(1, 11);
        gate.Take(2);
        Switch(gate, seven);
        gate.Barrier(1, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal(["ready 7", "switched 7", "barriers 7", "acknowledged 7"], gate.Said);
        Assert.Equal([7], gate.Head.Switches);
        Assert.Equal([3], gate.Stored(seven, 0));
        Assert.Equal([11], gate.Stored(seven, 1));
    }

    [Fact]
    public void A_transactional_sink_that_has_no_room_is_ready_and_switches_all_the_same()
    {
        using var gate = new GateScript(transactional: true);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1);
        gate.Head.Room = 0;
        gate.Barrier(0, seven);
        gate.StepToRest();
        Switch(gate, seven);
        gate.RunBackground();
        Assert.Equal([1], gate.Stored(seven));
    }

    [Fact]
    public void A_sink_that_finishes_while_it_is_ready_switches_with_nothing_left()
    {
        using var gate = new GateScript(transactional: true);
        var seven = gate.Begin(7);
        gate.End(0);
        gate.Barrier(0, seven);
        gate.TakeAll();
        Assert.Equal(["ready 7", "finished after 0"], gate.Said);
        Trigger(gate, seven);
        Switch(gate, seven);
        gate.RunBackground();
        Assert.Equal(["barriers 7", "switched 7", "acknowledged 7"], gate.Said.Skip(2));
        Assert.Empty(gate.Stored(seven));
    }

    [Fact]
    public void A_finished_sink_takes_part_when_it_is_triggered()
    {
        using var gate = new GateScript(transactional: true);
        gate.Deliver(0, 1);
        gate.End(0);
        gate.TakeAll();
        var seven = gate.Begin(7);
        Trigger(gate, seven);
        Assert.Contains("ready 7", gate.Said);
        Switch(gate, seven);
        gate.RunBackground();
        Assert.Contains("acknowledged 7", gate.Said);
        Assert.Equal([7], gate.Head.Switches);
    }

    [Fact]
    public void An_at_least_once_sink_acknowledges_when_all_it_wrote_has_arrived()
    {
        using var gate = new GateScript(atLeastOnce: true);
        var seven = gate.Begin(7);
        var flush = gate.Head.Flush = new TaskCompletionSource();
        gate.Deliver(0, 1);
        gate.TakeAll();
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal(["barriers 7"], gate.Said);
        flush.SetResult();
        gate.RunBackground();
        Assert.Contains("acknowledged 7", gate.Said);
    }

    [Fact]
    public void A_flush_that_fails_declines_the_checkpoint()
    {
        using var gate = new GateScript(atLeastOnce: true);
        var seven = gate.Begin(7);
        gate.Head.Flush = new TaskCompletionSource();
        gate.Head.Flush.SetException(new InvalidOperationException("the broker is gone"));
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal(["barriers 7", "declined 7: the broker is gone"], gate.Said);
    }

    [Fact]
    public void A_subtask_that_has_finished_puts_the_barrier_behind_its_end_and_acknowledges()
    {
        using var gate = new GateScript(channels: 2);
        gate.Deliver(0, 1);
        gate.End(0);
        gate.End(1);
        gate.TakeAll();
        var seven = gate.Begin(7);
        Trigger(gate, seven);
        gate.RunBackground();
        Assert.Equal(["end", "barrier 7"], gate.Output.Put);
        Assert.Equal(["finished after 0", "barriers 7", "acknowledged 7"], gate.Said);
    }

    [Fact]
    public void A_subtask_that_finished_behind_the_barrier_is_not_snapshotted_again()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Barrier(0, seven);
        gate.End(0);
        gate.TakeAll();
        Trigger(gate, seven);
        Assert.Equal(["barrier 7", "end"], gate.Output.Put);
    }

    [Fact]
    public void What_is_triggered_after_its_checkpoint_has_ended_does_nothing()
    {
        using var gate = new GateScript();
        gate.End(0);
        gate.TakeAll();
        var seven = gate.Begin(7);
        _ = seven.End();
        Trigger(gate, seven);
        Assert.Equal(["end"], gate.Output.Put);
    }

    [Fact]
    public void A_snapshot_says_whether_the_subtask_had_finished_by_then()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Barrier(0, seven);
        gate.End(0);
        gate.TakeAll();
        gate.RunBackground();
        var eight = gate.Begin(8);
        gate.End(seven);
        Trigger(gate, eight);
        gate.RunBackground();
        Assert.False(gate.Events.Acknowledged[7].Finished);
        Assert.True(gate.Events.Acknowledged[8].Finished);
    }

    private static void Trigger(GateScript gate, Checkpoint checkpoint)
    {
        gate.Subtask.Mail(() => gate.Subtask.Trigger(checkpoint));
        gate.StepToRest();
    }

    private static void Switch(GateScript gate, Checkpoint checkpoint)
    {
        gate.Subtask.Mail(() => gate.Subtask.Switch(checkpoint));
        gate.StepToRest();
    }
}
