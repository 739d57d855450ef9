using System.Numerics;
using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <summary>Divides keys into groups, the unit in which keyed state moves, and groups among subtasks.</summary>
/// <remarks>Never change a result: the files of a checkpoint are cut by key groups. Thread: any.</remarks>
public sealed class KeyGroups
{
    /// <summary>The default: enough to divide among, few enough for a table each.</summary>
    public const int MaxParallelismDefault = 128;

    /// <summary>The most key groups there may be.</summary>
    public const int MaxParallelismMax = 32768;

    // Hash mod max as a mask where that is possible, for a division costs as much as a lookup's arithmetic.
    private readonly uint _mask;

    /// <summary>Divides keys.</summary>
    /// <param name="maxParallelism">
    /// How many key groups: 2 to 32768. It changes only with a savepoint. One group alone would leave the tables no value that is no hash.
    /// </param>
    public KeyGroups(int maxParallelism = MaxParallelismDefault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxParallelism, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxParallelism, MaxParallelismMax);
        MaxParallelism = maxParallelism;
        _mask = BitOperations.IsPow2(maxParallelism) ? (uint)maxParallelism - 1 : 0;
    }

    /// <summary>How many key groups there are, and so how many subtasks at most.</summary>
    public int MaxParallelism { get; }

    /// <summary>The key group of a key's hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Of(uint hash) => (int)(_mask != 0 ? hash & _mask : hash % (uint)MaxParallelism);

    /// <summary>What a subtask owns.</summary>
    public KeyGroupRange RangeOf(int subtask, int parallelism)
    {
        CheckParallelism(parallelism);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)subtask, (uint)parallelism);
        return new KeyGroupRange(StartOf(subtask, parallelism), StartOf(subtask + 1, parallelism) - 1);
    }

    /// <summary>Which subtask owns a key group.</summary>
    public int SubtaskOf(int keyGroup, int parallelism)
    {
        CheckParallelism(parallelism);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)keyGroup, (uint)MaxParallelism);
        return (int)((long)keyGroup * parallelism / MaxParallelism);
    }

    private void CheckParallelism(int parallelism)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parallelism, MaxParallelism);
    }

    // The smallest group that SubtaskOf gives to the subtask: the quotient, rounded up.
    private int StartOf(int subtask, int parallelism) => (int)((((long)subtask * MaxParallelism) + parallelism - 1) / parallelism);
}
