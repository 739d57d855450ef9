using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>The example of docs/aligned-or-unaligned.md: two inputs, the barrier of one comes late. Left holds 1 2 ‖ 3, right 11 12, and later 13 ‖ 14.</summary>
public sealed class WorkedExampleTests
{
    private const int Left = 0;
    private const int Right = 1;

    [Fact]
    public void Unaligned_what_the_barriers_overtook_is_stored()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Unaligned);
        gate.Deliver(Left, 1);
        gate.Take(1);
        gate.Deliver(Left, 2);
        gate.Deliver(Right, 11);
        gate.Deliver(Right, 12);

        // The left barrier comes: snapshot and barrier on the output at once, with only 1 processed.
        gate.Barrier(Left, seven);
        gate.StepToRest();
        Assert.Equal(1, gate.Output.TakenAtBarrier[7]);

        // Records go on being processed; what comes on the right before its barrier belongs to the checkpoint, too.
        gate.Deliver(Left, 3);
        gate.TakeAll();
        gate.Deliver(Right, 13);
        gate.TakeAll();
        gate.Barrier(Right, seven);
        gate.Deliver(Right, 14);
        gate.TakeAll();
        gate.RunBackground();

        Assert.Equal([2], gate.Stored(seven, Left));
        Assert.Equal([11, 12, 13], gate.Stored(seven, Right));
        Assert.Equal([1, 2, 3, 11, 12, 13, 14], gate.Taken.Order());
    }

    [Fact]
    public void Aligned_the_left_input_waits_and_nothing_is_stored()
    {
        using var gate = new GateScript(channels: 2);
        var seven = gate.Begin(7, CheckpointMode.Aligned);
        gate.Deliver(Left, 1);
        gate.Take(1);
        gate.Deliver(Left, 2);
        gate.Deliver(Right, 11);
        gate.Deliver(Right, 12);
        gate.Barrier(Left, seven);
        gate.Deliver(Left, 3);
        gate.TakeAll();
        Assert.Empty(gate.Output.Put);
        Assert.DoesNotContain(3, gate.Taken);

        gate.Deliver(Right, 13);
        gate.Barrier(Right, seven);
        gate.Deliver(Right, 14);
        gate.TakeAll();
        gate.RunBackground();

        // The snapshot has the effect of all five records before the barriers, and of no other.
        Assert.Equal([1, 2, 11, 12, 13], gate.Taken.Take(gate.Output.TakenAtBarrier[7]).Order());
        Assert.Empty(gate.Stored(seven));
    }
}
