namespace Weir.Connectors.Kafka.Sink;

/// <summary>Where to look for the newest pointer: from the tail of the partition backwards, in windows that grow, until one is found or the log's start was read.</summary>
/// <remarks>Pure. A commit takes two offsets (pointer and marker), so that the first window nearly always holds the newest.</remarks>
internal static class PointerSearch
{
    private const long FirstWindow = 100;

    /// <summary>The starts of the windows, newest first; each window is read to the end.</summary>
    public static IEnumerable<long> Starts(long logStart, long end)
    {
        if (end <= logStart)
        {
            yield break;
        }
        for (long window = FirstWindow; ; window *= 10)
        {
            long start = Math.Max(logStart, end - window);
            yield return start;
            if (start == logStart)
            {
                yield break;
            }
        }
    }
}
