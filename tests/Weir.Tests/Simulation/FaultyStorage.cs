using Weir.StateStore;
using Weir.Testing;

namespace Weir.Tests.Simulation;

/// <summary>Storage whose calls take time and may fail, as a plan of faults says. One a life.</summary>
internal sealed class FaultyStorage(SimulatedDisk disk, SimulatedExecutor executor, Faults faults) : SimulatedStorage(disk, executor)
{
    /// <summary>A call that is answered at some later step, perhaps by an error; or, of those that write a checkpoint, never, until it is given up.</summary>
    protected override async ValueTask CallAsync(string name, CancellationToken cancellation, bool mayBeSilent = false)
    {
        cancellation.ThrowIfCancellationRequested();
        if (mayBeSilent && faults.StorageIsSilent())
        {
            var never = new TaskCompletionSource();
            using var given = cancellation.Register(() => Executor.Later(() => never.TrySetCanceled(cancellation)));
            await never.Task;
        }
        if (!faults.IsSlow())
        {
            ThrowIfFaulty(name);
            return;
        }
        var answered = new TaskCompletionSource();
        Executor.Later(answered.SetResult);
        await answered.Task;
        cancellation.ThrowIfCancellationRequested();
        ThrowIfFaulty(name);
    }

    private void ThrowIfFaulty(string name)
    {
        if (faults.StorageFails())
        {
            throw new CheckpointStorageException(StorageFailure.Unavailable, name, $"{name}: the simulated store does not answer.");
        }
    }
}
