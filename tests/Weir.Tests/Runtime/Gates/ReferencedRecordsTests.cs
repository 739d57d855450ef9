using Weir.Runtime.Checkpointing;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Restored records that nobody has read when the next checkpoint comes.</summary>
public sealed class ReferencedRecordsTests
{
    private const string Old = "chk-0000000003-aa";

    [Fact]
    public void Unread_ones_are_referenced_where_they_lie_and_nothing_is_written()
    {
        using var gate = new GateScript();
        var lies = gate.RestoreFrom(Old, 0, layer: 0, 1, 2);
        Snapshot(gate);
        var segment = Assert.Single(Assert.Single(gate.Events.Acknowledged[7].InFlight).Segments);
        Assert.Equal(lies, segment.Handle);
        Assert.Equal((2, lies.Length), (segment.Records, segment.Bytes));
        Assert.DoesNotContain(gate.Storage.Names, name => !name.StartsWith(Old, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_segment_that_is_half_read_the_rest_is_written_and_those_behind_it_stay()
    {
        using var gate = new GateScript();
        long[] first = [.. Enumerable.Range(0, 300).Select(number => (long)number)];
        gate.RestoreFrom(Old, 0, layer: 0, first);
        var behind = gate.RestoreFrom(Old, 0, layer: 0, 300, 301);
        gate.Take(10);
        var seven = Snapshot(gate);
        Assert.Equal(["channel-0", behind.File], Files(gate));
        Assert.Equal(Enumerable.Range(10, 292).Select(number => (long)number), gate.Stored(seven));
    }

    [Fact]
    public void They_keep_their_place_among_those_that_are_written()
    {
        using var gate = new GateScript();
        gate.Restore(0, [1, 2]);
        var lies = gate.RestoreFrom(Old, 0, layer: 0, 3, 4);
        gate.Restore(0, [5]);
        gate.Restore(0, [6]);
        var seven = Snapshot(gate);
        Assert.Equal(["channel-0", lies.File, "channel-0"], Files(gate));
        Assert.Equal([1, 2, 3, 4, 5, 6], gate.Stored(seven));
    }

    [Fact]
    public void They_keep_their_layer_and_live_ones_lie_behind_it()
    {
        using var gate = new GateScript();
        gate.RestoreFrom(Old, 0, layer: 4, 1, 2);
        gate.Deliver(0, 3);
        Snapshot(gate);
        Assert.Equal([(4, 2), (5, 1)], gate.Events.Acknowledged[7].InFlight.Select(channel => (channel.Layer, channel.Segments.Sum(segment => segment.Records))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_what_is_written_counts_against_the_bound_on_in_flight_data(bool isReferenced)
    {
        using var gate = new GateScript(maxInFlightBytes: 30);
        if (isReferenced)
        {
            gate.RestoreFrom(Old, 0, layer: 0, 1, 2, 3);
        }
        else
        {
            gate.Restore(0, [1, 2, 3]);
        }
        Snapshot(gate);
        Assert.Equal(!isReferenced, gate.Said.Exists(said => said.StartsWith("overflowed", StringComparison.Ordinal)));
    }

    [Fact]
    public void They_take_up_their_producers_credit_until_they_are_read()
    {
        using var gate = new GateScript();
        for (int segment = 0; segment < GateScript.CreditOfAChannel; segment++)
        {
            gate.Restore(0, [1, 2]);
        }
        Assert.False(gate.Credit(0).HasRoom);
        gate.Take(1);
        Assert.False(gate.Credit(0).HasRoom);
        gate.Take(1);
        Assert.True(gate.Credit(0).HasRoom);
        Assert.True(gate.ProducerIsQueued);
        gate.TakeAll();
        Assert.Equal(GateScript.CreditOfAChannel - 1, gate.Credit(0).Take());
    }

    private static Checkpoint Snapshot(GateScript gate)
    {
        var seven = gate.Begin(7);
        gate.Head.Room = 0;
        gate.Barrier(0, seven);
        gate.StepToRest();
        gate.RunBackground();
        return seven;
    }

    private static IEnumerable<string> Files(GateScript gate) => gate.Events.Acknowledged[7].InFlight.SelectMany(channel => channel.Segments).Select(segment => segment.Handle.File);
}
