using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Watermarks on their way through channels and a subtask, and in its checkpoints.</summary>
public sealed class WatermarkTests
{
    [Fact]
    public void The_lowest_of_all_channels_goes_on_and_only_when_it_rises()
    {
        using var gate = new GateScript(channels: 2);
        gate.Watermark(0, 20);
        gate.TakeAll();
        Assert.Empty(gate.Output.Put);
        gate.Watermark(1, 10);
        gate.TakeAll();
        gate.Watermark(0, 30);
        gate.TakeAll();
        gate.Watermark(1, 40);
        gate.TakeAll();
        Assert.Equal(["watermark 10", "watermark 30"], gate.Output.Put);
    }

    [Fact]
    public void A_record_is_taken_at_the_watermark_that_lies_before_it()
    {
        using var gate = new GateScript();
        gate.Deliver(0, 1);
        gate.Watermark(0, 10);
        gate.Deliver(0, 2);
        gate.Watermark(0, 20);
        gate.Watermark(0, 30);
        gate.Deliver(0, 3);
        gate.TakeAll();
        Assert.Equal([long.MinValue, 10, 30], gate.Head.WatermarkAt.Values);
        Assert.Equal(["watermark 10", "watermark 30"], gate.Output.Put);
    }

    [Fact]
    public void An_idle_channel_holds_nothing_up_until_something_comes_over_it()
    {
        using var gate = new GateScript(channels: 2);
        gate.Watermark(0, 10);
        gate.Watermark(1, 5);
        gate.TakeAll();
        gate.Watermark(1, 5, isIdle: true);
        gate.TakeAll();
        gate.Watermark(0, 20);
        gate.TakeAll();
        gate.Deliver(1, 1);
        gate.TakeAll();
        gate.Watermark(0, 30);
        gate.TakeAll();
        Assert.Equal(20, gate.Head.WatermarkAt[1]);
        Assert.Equal(["watermark 5", "watermark 10", "watermark 20"], gate.Output.Put);
        gate.Watermark(1, 25);
        gate.TakeAll();
        Assert.Equal("watermark 25", gate.Output.Put[^1]);
    }

    [Fact]
    public void An_idle_channel_that_has_a_watermark_again_counts_again()
    {
        using var gate = new GateScript(channels: 2);
        gate.Watermark(1, 5, isIdle: true);
        gate.Watermark(0, 10);
        gate.TakeAll();
        gate.Watermark(1, 5);
        gate.TakeAll();
        gate.Watermark(0, 20);
        gate.TakeAll();
        Assert.Equal(["watermark 10"], gate.Output.Put);
    }

    [Fact]
    public void Where_all_channels_are_idle_the_subtask_is_and_comes_as_far_as_the_farthest()
    {
        using var gate = new GateScript(channels: 3);
        gate.Watermark(0, 10);
        gate.Watermark(1, 5);
        gate.End(2);
        gate.TakeAll();
        gate.Watermark(0, 10, isIdle: true);
        gate.TakeAll();
        gate.Watermark(1, 7, isIdle: true);
        gate.TakeAll();
        Assert.Equal(["watermark 5", "watermark 10, idle"], gate.Output.Put);
        gate.Deliver(1, 1);
        gate.TakeAll();
        Assert.Equal("watermark 10", gate.Output.Put[^1]);
        Assert.Equal(10, gate.Head.WatermarkAt[1]);
    }

    [Fact]
    public void That_a_channel_is_idle_is_stored_in_its_place_and_restored()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Watermark(1, 5, isIdle: true);
        gate.Watermark(0, 10);
        gate.TakeAll();
        gate.Deliver(1, 1);
        gate.Watermark(1, 6, isIdle: true);
        gate.Watermark(1, 6);
        gate.Watermark(1, 8, isIdle: true);
        gate.Barrier(0, seven);
        gate.Barrier(1, seven);
        gate.Step();
        gate.RunBackground();
        Assert.Equal("1 w8i", gate.StoredText(seven, 1));
        Assert.Equal([null, true], gate.Events.Acknowledged[7].Watermarks.Received!.Select(one => one.IsIdle));

        using var after = new GateScript(channels: 2);
        _ = after.Channel(0).Advance(10, isIdle: false);
        _ = after.Channel(1).Advance(5, isIdle: true);
        after.Subtask.RestoreWatermark(hasEnded: false);
        Assert.Equal(10, after.Subtask.WatermarkIn);
        after.Restore(1, [1], watermark: 8, isIdle: true);
        after.Watermark(0, 30);
        after.TakeAll();
        Assert.Equal(10, after.Head.WatermarkAt[1]);
        Assert.Equal(30, after.Head.Watermark);
    }

    [Fact]
    public void An_end_counts_as_the_last_watermark()
    {
        using var gate = new GateScript(channels: 2);
        gate.Watermark(0, 10);
        gate.End(1);
        gate.TakeAll();
        Assert.Equal(["watermark 10"], gate.Output.Put);
        gate.End(0);
        gate.TakeAll();
        Assert.Equal(long.MaxValue, gate.Head.Watermark);
        Assert.Equal(["watermark 10", "end"], gate.Output.Put);
    }

    [Fact]
    public void A_watermark_takes_no_credit()
    {
        using var gate = new GateScript();
        for (int watermark = 0; watermark < 100; watermark++)
        {
            gate.Watermark(0, watermark);
        }
        gate.TakeAll();
        Assert.Equal(GateScript.CreditOfAChannel - 1, gate.Credit(0).Take());
        Assert.Equal(["watermark 99"], gate.Output.Put);
    }

    [Fact]
    public void Watermarks_that_a_barrier_overtook_are_stored_in_their_place()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1, 2);
        gate.Watermark(0, 10);
        gate.Watermark(0, 20);
        gate.Deliver(0, 3);
        gate.Watermark(0, 30);
        gate.Take(1);
        gate.Barrier(0, seven);
        gate.Watermark(0, 40);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal("2 w20 3 w30", gate.StoredText(seven, 0));
        gate.TakeAll();
        Assert.Equal(["barrier 7", "watermark 20", "watermark 40"], gate.Output.Put);
    }

    [Fact]
    public void One_behind_a_cut_is_not_taken_for_one_before_it()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Watermark(1, 10);
        gate.Barrier(1, seven);
        gate.Watermark(1, 20);
        gate.Take(0);
        gate.Barrier(0, seven);
        gate.Take(0);
        gate.RunBackground();
        Assert.Equal("w10", gate.StoredText(seven, 1));
    }

    [Fact]
    public void One_that_is_read_before_a_late_barrier_is_stored_too()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Watermark(0, 100);
        gate.TakeAll();
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.Deliver(1, 1);
        gate.Watermark(1, 10);
        gate.TakeAll();
        gate.Deliver(1, 2);
        gate.Watermark(1, 20);
        gate.Barrier(1, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal("1 w10 2 w20", gate.StoredText(seven, 1));
        Assert.Equal((100, long.MinValue), (gate.StoredWatermark(seven, 0), gate.StoredWatermark(seven, 1)));
        Assert.Equal(["barrier 7", "watermark 10", "watermark 20"], gate.Output.Put);
    }

    [Fact]
    public void A_checkpoint_holds_the_watermark_of_what_was_processed()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Watermark(0, 10);
        gate.Deliver(0, 1, 2);
        gate.Watermark(0, 20);
        gate.Take(1);
        gate.Barrier(0, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal(10, gate.StoredWatermark(seven, 0));
        Assert.Equal(10, gate.Events.Acknowledged[7].Watermarks.HandedOn);
        Assert.Equal("2 w20", gate.StoredText(seven, 0));
    }

    [Fact]
    public void Of_a_job_without_watermarks_a_checkpoint_holds_none()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1);
        gate.TakeAll();
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal(SubtaskWatermarks.None, gate.Events.Acknowledged[7].Watermarks);
    }

    [Fact]
    public void An_aligned_barrier_leaves_the_watermarks_behind_it_unread()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Watermark(0, 10);
        gate.Barrier(0, seven);
        gate.Watermark(0, 20);
        gate.Watermark(1, 30);
        gate.TakeAll();
        Assert.Equal(["watermark 10"], gate.Output.Put);
        gate.Barrier(1, seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal(["watermark 10", "barrier 7", "watermark 20"], gate.Output.Put);
        Assert.Equal((10, 30), (gate.StoredWatermark(seven, 0), gate.StoredWatermark(seven, 1)));
    }

    [Fact]
    public void Restored_ones_count_when_the_records_before_them_are_processed_and_before_live_ones()
    {
        using var gate = new GateScript(channels: 2);
        gate.Restore(0, [1, 2], watermark: 10);
        gate.Restore(0, [3], watermark: 20);
        gate.Restore(1, [], watermark: 15);
        gate.Restore(1, [4]);
        gate.Watermark(1, 40);
        gate.Watermark(0, 30);
        gate.Deliver(0, 5);
        gate.TakeAll();
        Assert.Equal([1, 2, 3, 4, 5], gate.Taken);
        Assert.Equal([long.MinValue, long.MinValue, long.MinValue, 15, 15], gate.Head.WatermarkAt.Values);
        Assert.Equal(30, gate.Head.Watermark);
    }

    [Fact]
    public void Restored_ones_that_are_unread_are_stored_again_in_their_place()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Restore(0, [1, 2], watermark: 10);
        gate.Restore(0, [3], watermark: 20);
        gate.Watermark(0, 30);
        gate.Take(1);
        gate.Barrier(0, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal("2 w10 3 w20 w30", gate.StoredText(seven, 0));
        gate.TakeAll();
        Assert.Equal([long.MinValue, long.MinValue, 10], gate.Head.WatermarkAt.Values);
        Assert.Equal(30, gate.Head.Watermark);
    }

    /// <summary>Two inputs, by hand: what is taken after a restore is taken at the watermark at which it would have been.</summary>
    [Fact]
    public void What_two_inputs_brought_goes_on_where_it_was()
    {
        using var whole = Script();
        whole.TakeAll();

        using var before = Script();
        var seven = before.Begin(7);
        before.Take(2);
        before.Barrier(0, seven);
        before.Barrier(1, seven);
        before.StepToRest();
        before.RunBackground();
        Assert.Equal(("w20 3 w50", "12 w30"), (before.StoredText(seven, 0), before.StoredText(seven, 1)));

        using var after = new GateScript(channels: 2);
        for (int channel = 0; channel < 2; channel++)
        {
            _ = after.Channel(channel).Advance(before.StoredWatermark(seven, channel), isIdle: false);
        }
        after.Subtask.RestoreWatermark(hasEnded: false);
        Assert.Equal(5, after.Subtask.WatermarkIn);
        after.Restore(0, [], watermark: 20);
        after.Restore(0, [3], watermark: 50);
        after.Restore(1, [12], watermark: 30);
        after.TakeAll();
        Assert.Equal([3, 12], after.Taken);
        Assert.Equal([5, 5, 5, 5], whole.Head.WatermarkAt.Values);
        Assert.Equal([5, 5], after.Head.WatermarkAt.Values);
        Assert.Equal(30, after.Head.Watermark);
        Assert.Equal(whole.Head.Watermark, after.Head.Watermark);

        static GateScript Script()
        {
            var gate = new GateScript(channels: 2);
            gate.Watermark(0, 10);
            gate.Watermark(1, 5);
            gate.TakeAll();
            gate.Deliver(0, 1);
            gate.Watermark(0, 20);
            gate.Deliver(0, 3);
            gate.Watermark(0, 50);
            gate.Deliver(1, 11, 12);
            gate.Watermark(1, 30);
            return gate;
        }
    }
}
