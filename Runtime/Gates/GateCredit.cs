using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Gates;

/// <summary>How many batches the gates of one edge may still fill: taken by the producer, given back by the consumers, whatever a checkpoint still does with a batch.</summary>
/// <remarks>
/// Below zero it is overdrawn: one record may produce more than there is room for, and no further record is taken until that is returned.
/// The producer is woken when the credit passes from 0 to 1: only the producer takes, so it passes there once for each time it ran out.
/// Where memory for batches is used up, a gate has one batch at a time: so every task goes on, if slowly. A producer that waits for that is woken by what it gets back itself.
/// Before the first Step, what was restored of its channels takes as much as it would if it were queued.
/// </remarks>
internal sealed class GateCredit(int batches, MemoryShare? memory = null)
{
    // Alone on its cache lines: consumers on other cores write it, the producer reads it.
    private readonly long[] _padded = Padded(batches);

    private volatile bool _waitsForMemory;

    /// <summary>How many there are.</summary>
    public int Batches => batches;

    /// <summary>How many are left; negative when overdrawn. Any thread, for reports.</summary>
    public long Left => Volatile.Read(ref _padded[16]);

    /// <summary>The subtask that fills the gate.</summary>
    public Subtask Producer { get; set; } = null!;

    /// <summary>The producer asks; false: it is woken when there may be.</summary>
    public bool HasRoom => Left > 0 && (!LacksMemory || HasOne());

    /// <summary>Whether memory for batches is used up, by whichever gates.</summary>
    public bool LacksMemory => memory is { HasRoom: false };

    /// <summary>Takes one; returns what is left, negative when overdrawn.</summary>
    public long Take() => Interlocked.Decrement(ref _padded[16]);

    public void Return()
    {
        if (Interlocked.Increment(ref _padded[16]) == 1 || _waitsForMemory)
        {
            _waitsForMemory = false;
            Producer.Wake();
        }
    }

    /// <summary>Whether none of its batches is out; else the next that comes back wakes the producer.</summary>
    private bool HasOne()
    {
        _waitsForMemory = true;
        Interlocked.MemoryBarrier(); // What came back before the note woke nobody, so it is looked for after it.
        return Left == batches;
    }

    private static long[] Padded(int batches)
    {
        var padded = new long[33]; // 128 bytes on either side
        padded[16] = batches;
        return padded;
    }
}
