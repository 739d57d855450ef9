using Weir.Runtime;

namespace Weir.Tests.Connectors;

/// <summary>Wakes a test at each checkpoint that completes.</summary>
internal sealed class CommitSignal(SemaphoreSlim committed) : IJobObserver
{
    public void CheckpointCompleted(CheckpointReport report) => committed.Release();
}
