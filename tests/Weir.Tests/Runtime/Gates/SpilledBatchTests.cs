using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

public sealed class SpilledBatchTests
{
    [Fact]
    public void It_is_read_in_its_place_and_its_credit_comes_back_then()
    {
        using var gate = new GateScript();
        gate.Deliver(0, 1, 2);
        gate.DeliverSpilled(0, 3, 4, 5);
        gate.Deliver(0, 6);
        Assert.False(gate.Credit(0).HasRoom);
        gate.Take(3);
        Assert.Equal(0, gate.SpilledBytes);
        Assert.False(gate.Credit(0).HasRoom);
        gate.TakeAll();
        Assert.Equal([1, 2, 3, 4, 5, 6], gate.Taken);
        Assert.True(gate.Credit(0).HasRoom);
    }

    [Fact]
    public void Overtaken_it_is_stored_in_its_place_and_its_room_stays_until_it_is_copied()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.Deliver(0, 1);
        gate.DeliverSpilled(0, 2, 3);
        gate.Deliver(0, 4);
        gate.Barrier(0, seven);
        gate.Take(0);
        gate.TakeAll();
        Assert.Equal([1, 2, 3, 4], gate.Taken);
        Assert.True(gate.SpilledBytes > 0);
        gate.DeliverSpilled(0, 5);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal([1, 2, 3, 4], gate.Stored(seven));
        Assert.Equal(0, gate.SpilledBytes);
    }

    [Fact]
    public void Copied_before_it_is_read_its_room_stays_until_it_is_read()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.DeliverSpilled(0, 1, 2);
        gate.Barrier(0, seven);
        gate.Take(0);
        gate.RunBackground();
        Assert.True(gate.SpilledBytes > 0);
        gate.DeliverSpilled(0, 3);
        gate.TakeAll();
        Assert.Equal([1, 2, 3], gate.Taken);
        Assert.Equal([1, 2], gate.Stored(seven));
    }

    [Fact]
    public void Taken_before_a_late_barrier_it_belongs_to_the_checkpoint()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7);
        gate.Barrier(0, seven);
        gate.TakeAll();
        gate.DeliverSpilled(1, 1, 2);
        gate.TakeAll();
        gate.DeliverSpilled(1, 3);
        gate.Barrier(1, seven);
        gate.DeliverSpilled(1, 4);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal([1, 2, 3, 4], gate.Taken);
        Assert.Equal([1, 2, 3], gate.Stored(seven, 1));
    }

    [Fact]
    public void Half_read_its_rest_is_stored()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.DeliverSpilled(0, 1, 2, 3);
        gate.Take(1);
        gate.Barrier(0, seven);
        gate.StepToRest();
        gate.RunBackground();
        Assert.Equal([2, 3], gate.Stored(seven));
        gate.TakeAll();
        Assert.Equal([1, 2, 3], gate.Taken);
    }

    [Fact]
    public void An_abort_gives_its_room_back()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.DeliverSpilled(0, 1, 2);
        gate.Barrier(0, seven);
        gate.Take(0);
        _ = gate.End(seven);
        gate.TakeAll();
        gate.RunBackground();
        Assert.Equal([1, 2], gate.Taken);
        Assert.Equal(0, gate.SpilledBytes);
    }

    [Fact]
    public void It_counts_against_the_bound_on_what_is_in_flight()
    {
        using var gate = new GateScript(maxInFlightBytes: 50);
        var seven = gate.Begin(7);
        gate.DeliverSpilled(0, 1, 2, 3);
        gate.Barrier(0, seven);
        gate.Take(0);
        Assert.Contains(gate.Said, said => said.StartsWith("overflowed", StringComparison.Ordinal));
    }

    [Fact]
    public void What_can_not_be_read_ends_the_attempt_and_declines_the_checkpoint()
    {
        using var gate = new GateScript();
        var seven = gate.Begin(7);
        gate.DeliverSpilled(0, 1, 2);
        gate.SpillFile.Write([0xFF], offset: 3);
        gate.Barrier(0, seven);
        gate.Take(0);
        gate.RunBackground();
        gate.TakeAll();
        Assert.Contains(gate.Said, said => said.StartsWith("declined 7", StringComparison.Ordinal));
        Assert.Contains(gate.Said, said => said.StartsWith("failed", StringComparison.Ordinal));
        Assert.Empty(gate.Taken);
    }
}
