using Weir.StateStore;
using Weir.Testing;
using Weir.Tests.StateStore;

namespace Weir.Tests.Simulation;

/// <summary>What the simulation proves holds for real stores only if its own does what they do.</summary>
public sealed class SimulatedStorageTests : CheckpointStorageContract
{
    protected override ICheckpointStorage Storage => field ??= new FaultyStorage(new SimulatedDisk(), new SimulatedExecutor(new SimulatedTime(), new Calm()), new Faults(new Calm()));

    /// <summary>Draws no fault, and no call that takes time.</summary>
    private sealed class Calm : Random
    {
        public override int Next(int maxValue) => maxValue - 1;

        public override int Next(int minValue, int maxValue) => maxValue - 1;

        public override double NextDouble() => 0;
    }
}
