using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

public sealed class UnalignedBarrierTests
{
    [Fact]
    public void The_first_barrier_overtakes_what_is_queued_and_stores_it()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Deliver(0, 3);
        gate.Barrier(0, seven);
        gate.Take(0);
        Assert.Equal(["barrier 7"], gate.Output.Put);
        gate.Barrier(1, seven);
        gate.Take(0);
        gate.RunBackground();
        Assert.Equal([1, 2, 3], gate.Stored(seven, 0));
        Assert.Empty(gate.Stored(seven, 1));
        gate.TakeAll();
        Assert.Equal([1, 2, 3], gate.Taken);
    }

    [Fact]
    public void What_comes_before_a_late_barrier_is_stored_whether_it_was_taken_or_not()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.Deliver(1, 1, 2);
        gate.TakeAll();
        gate.Deliver(1, 3);
        gate.Barrier(1, seven);
        gate.Deliver(1, 4);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal([1, 2, 3, 4], gate.Taken);
        Assert.Equal([1, 2, 3], gate.Stored(seven, 1));
    }

    [Fact]
    public void Of_the_batch_in_hand_the_rest_is_stored()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2, 3, 4);
        gate.Take(2);
        gate.Barrier(0, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal([1, 2], gate.Taken);
        Assert.Equal([3, 4], gate.Stored(seven));
    }

    [Fact]
    public void A_batch_in_hand_that_is_used_up_leaves_nothing_to_store()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Take(2);
        gate.Barrier(0, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Empty(gate.Stored(seven));
        Assert.Empty(gate.Storage.Log);
    }

    // A batch of 256 is 6 KiB when it is stored; the 171st fills a segment of 1 MiB.
    [Theory]
    [InlineData(170)]
    [InlineData(171)]
    [InlineData(172)]
    [InlineData(400)]
    public void Channels_with_as_much_in_flight_as_segments_hold_are_stored_one_after_another(int batches)
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        long[] records = [.. Enumerable.Range(0, 256 * batches).Select(record => (long)record)];
        for (int channel = 0; channel < 2; channel++)
        {
            foreach (long[] batch in records.Chunk(256))
            {
                gate.Deliver(channel, batch);
            }
            gate.Barrier(channel, seven);
        }
        gate.Take(0);
        gate.RunBackground();
        Assert.Equal(records, gate.Stored(seven, 0));
        Assert.Equal(records, gate.Stored(seven, 1));
        gate.TakeAll();
    }

    [Fact]
    public void A_late_barrier_is_acted_on_while_there_is_no_room()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Take(1);
        gate.Barrier(0, seven);
        gate.Deliver(1, 8, 9);
        gate.StepToRest();
        Assert.DoesNotContain("barriers 7", gate.Said);
        gate.Barrier(1, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal(["barriers 7", "acknowledged 7"], gate.Said);
        Assert.Equal([1], gate.Taken);
        Assert.Equal([2, 8, 9], gate.Stored(seven));
    }

    [Fact]
    public void A_barrier_is_put_on_the_output_before_any_further_record_is_taken()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2, 3);
        gate.Head.OnRecord = record =>
        {
            if (record == 2)
            {
                gate.Barrier(1, seven);
            }
        };
        gate.TakeAll();
        Assert.Equal(2, gate.Output.TakenAtBarrier[7]);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal([3], gate.Stored(seven));
    }

    [Fact]
    public void Restored_records_that_are_unread_are_stored_again_before_live_ones()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Restore(0, [1, 2, 3]);
        gate.Restore(1, [4, 5]);
        gate.Deliver(0, 6);
        gate.Take(1);
        gate.Barrier(0, seven);
        gate.Barrier(1, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal([2, 3, 6], gate.Stored(seven, 0));
        Assert.Equal([4, 5], gate.Stored(seven, 1));
        gate.TakeAll();
        Assert.Equal([1, 2, 3, 4, 5, 6], gate.Taken);
    }

    [Fact]
    public void Restored_records_are_read_to_their_end_before_anything_live()
    {
        using var gate = new GateScript(channels: 2);
        gate.Restore(1, [3]);
        gate.Restore(0, [1, 2]);
        gate.Deliver(0, 4);
        gate.TakeAll();
        Assert.Equal([3, 1, 2, 4], gate.Taken);
    }

    [Fact]
    public void Restored_records_use_no_credit()
    {
        using var gate = new GateScript();
        gate.Restore(0, [1, 2]);
        gate.TakeAll();
        Assert.Equal(GateScript.CreditOfAChannel - 1, gate.Credit(0).Take());
    }

    [Fact]
    public void A_barrier_behind_an_end_is_met()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.End(0);
        gate.Deliver(1, 1);
        gate.Barrier(1, seven);
        gate.TakeAll();
        Assert.DoesNotContain("barriers 7", gate.Said);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Contains("acknowledged 7", gate.Said);
        Assert.Equal([1], gate.Stored(seven));
    }

    [Fact]
    public void An_end_behind_a_barrier_is_read_after_it()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1);
        gate.Barrier(0, seven);
        gate.End(0);
        gate.TakeAll();
        Assert.Equal(["barrier 7", "end"], gate.Output.Put);
        Assert.Contains("finished after 7", gate.Said);
        gate.RunBackground();
        Assert.Equal([1], gate.Stored(seven));
    }

    [Fact]
    public void A_subtask_does_not_finish_before_its_late_barriers_have_come()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.End(0);
        gate.End(1);
        gate.TakeAll();
        Assert.DoesNotContain("end", gate.Output.Put);
        gate.Barrier(1, seven);
        gate.TakeAll();
        Assert.Equal(["barrier 7", "end"], gate.Output.Put);
    }

    [Fact]
    public void A_checkpoint_that_overtakes_too_much_is_said_to_overflow_by_who_still_waits()
    {
        using var gate = new GateScript(channels: 2, maxInFlightBytes: 30);
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.TakeAll();
        Assert.Equal("overflowed 7: more than 30 bytes are in flight, and subtask still waits for 1 barriers", Assert.Single(gate.Said));
    }

    [Fact]
    public void A_snapshot_can_be_taken_at_once_after_the_restore()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Restore(0, [1, 2]);
        gate.Head.Room = 0;
        gate.Barrier(0, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal([1, 2], gate.Stored(seven));
        Assert.Empty(gate.Taken);
    }

    [Fact]
    public void A_capture_keeps_its_batches_though_their_records_are_done()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Barrier(0, seven);
        gate.TakeAll();
        Assert.Equal(1, gate.BatchesOut);
        gate.RunBackground();
        Assert.Equal(0, gate.BatchesOut);
        Assert.Equal([1, 2], gate.Stored(seven));
    }
}
