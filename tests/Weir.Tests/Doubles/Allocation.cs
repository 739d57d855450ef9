namespace Weir.Tests.Doubles;

/// <summary>
/// What an action allocates on its own thread. The first run is not counted: it compiles, loads types and grows buffers. Of the others the least counts,
/// since the runtime allocates on any thread now and then; what an action itself allocates is in every one.
/// </summary>
internal static class Allocation
{
    private const int Runs = 5;

    public static long Of(Action action)
    {
        action();
        return Enumerable.Range(0, Runs).Min(_ => Once(action));
    }

    private static long Once(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
