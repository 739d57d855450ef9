using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>A checkpoint that is given up leaves nothing behind, however far it had come.</summary>
public sealed class AbortTests
{
    [Fact]
    public void A_barrier_of_a_checkpoint_that_has_ended_is_not_put()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.End(seven);
        gate.Barrier(0, seven);
        gate.Deliver(0, 1);
        gate.TakeAll();
        Assert.Empty(gate.Output.Put);
        Assert.Equal([1], gate.Taken);
    }

    [Fact]
    public void A_barrier_whose_checkpoint_ended_before_it_was_seen_counts_as_none_and_is_overwritten()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        var eight = gate.Begin(8);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        _ = seven.End(); // Without the walk, as a subtask may see it.
        gate.Deliver(0, 2);
        gate.Barrier(0, eight);
        gate.Take(0);
        gate.RunBackground();
        Assert.Equal(["barrier 8"], gate.Output.Put);
        Assert.Equal([1, 2], gate.Stored(eight));
    }

    [Fact]
    public void An_abort_before_the_last_barrier_lets_the_taken_batches_go()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.TakeAll();
        Assert.Equal(1, gate.BatchesOut);
        gate.End(seven);
        gate.TakeAll();
        Assert.Equal(0, gate.BatchesOut);
        gate.RunBackground();
        Assert.DoesNotContain("acknowledged 7", gate.Said);
    }

    [Fact]
    public void An_abort_while_the_batches_are_written_lets_them_go()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.Storage.Holds.Add("create");
        gate.RunBackground();
        var quiet = gate.End(seven);
        gate.TakeAll();
        Assert.False(quiet.IsCompleted);
        gate.Storage.ReleaseAll();
        gate.RunBackground();
        Assert.True(quiet.IsCompleted);
        Assert.Equal(0, gate.BatchesOut);
        Assert.DoesNotContain("acknowledged 7", gate.Said);
    }

    [Fact]
    public void An_abort_before_the_writer_began_lets_the_batches_go()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.TakeAll();
        var quiet = gate.End(seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.True(quiet.IsCompleted);
        Assert.Equal(0, gate.BatchesOut);
    }

    [Fact]
    public void A_write_that_fails_lets_the_batches_go_and_declines()
    {
        using var gate = new GateScript();
        gate.Storage.Failures["create"] = StorageFailure.Unavailable;
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal(0, gate.BatchesOut);
        Assert.Equal(["barriers 7", "declined 7: The store does not create channel-0."], gate.Said);
    }

    [Fact]
    public void The_next_checkpoint_may_come_before_the_mail_that_the_last_was_given_up()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        var eight = gate.Begin(8);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.Take(1);
        gate.End(seven, mail: false);
        gate.Barrier(0, eight);
        gate.Barrier(1, eight);
        gate.StepToRest();
        gate.MailEnded(seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal([2], gate.Stored(eight));
    }

    [Fact]
    public void A_ready_sink_forgets_a_checkpoint_that_was_given_up()
    {
        using var gate = new GateScript(transactional: true);
        var seven = gate.Begin(7);
        var eight = gate.Begin(8);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.End(seven);
        gate.Barrier(0, eight);
        gate.TakeAll();
        gate.Subtask.Mail(() => gate.Subtask.Switch(eight));
        gate.TakeAll();
        Assert.Equal(["ready 7", "ready 8", "barriers 8", "switched 8"], gate.Said);
        Assert.Equal([8], gate.Head.Switches);
    }

    [Fact]
    public void A_blocked_channel_goes_on_when_its_checkpoint_is_given_up()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Barrier(0, seven);
        gate.Deliver(0, 1);
        gate.TakeAll();
        Assert.Empty(gate.Taken);
        gate.End(seven, mail: false);
        gate.StepToRest();
        Assert.Equal([1], gate.Taken);
    }

    [Fact]
    public void A_checkpoint_that_ends_while_a_subtask_snapshots_is_not_quiet_before_that_snapshot_is_over()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        Task? quiet = null;
        gate.Output.OnBarrier = _ => quiet ??= gate.End(seven, mail: false);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.Take(0);
        Assert.False(quiet!.IsCompleted);
        gate.RunBackground();
        Assert.True(quiet.IsCompleted);
    }

    [Fact]
    public void A_barrier_that_is_met_when_its_checkpoint_has_become_quiet_starts_no_more_work_for_it()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        var quiet = seven.End();
        Assert.True(quiet.IsCompleted);
        var work = 0;
        Assert.False(seven.TryRunPart(gate.Executor, () => Task.FromResult(work++)));
        gate.RunBackground();
        Assert.Equal(0, work);
    }
}
