using System.Runtime.InteropServices;

namespace Weir.Connectors.Kafka.Native;

/// <summary>Keeps the C library's heap small, which librdkafka allocates from.</summary>
/// <remarks>
/// <para>
/// glibc gives threads heaps of their own, up to eight a core. What a source has fetched ahead lies in the heap of the thread that fetched it; after each loss of
/// a connection another thread fetches into another heap, and the one before keeps its memory, empty. In 18 minutes with a commit each 200 ms and three
/// kills of the broker, 103 MB in use took 180 MB in eight heaps, and the process went from 217 to 365 MB. One trim gave back all but some MB.
/// </para>
/// <para>The JVM does the same where it is asked to (-XX:TrimNativeHeapInterval).</para>
/// </remarks>
internal static partial class NativeHeap
{
    /// <summary>Two: as many as need be; those that were there before the bound was set stay, at most eight.</summary>
    private const int ArenasMax = 2;

    // M_ARENA_MAX of glibc's malloc.h.
    private const int ArenaMaxOption = -8;

    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(30);

    private static Timer? _trimming;

    /// <summary>To be called as early as can be: once nine threads have allocated, glibc has decided, and asks no more. Does nothing where the operator has set MALLOC_ARENA_MAX, or where there is no glibc.</summary>
    public static void Bound()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is null)
        {
            Try(static () => Mallopt(ArenaMaxOption, ArenasMax));
        }
    }

    /// <summary>From now on, and as long as the process lives, what is free goes back to the system every 30 s: some ms on a thread of the pool. Does nothing where there is no glibc.</summary>
    public static void KeepTrimmed()
    {
        if (OperatingSystem.IsLinux() && Try(static () => MallocTrim(0)))
        {
            _trimming = new Timer(static _ => _ = MallocTrim(0), null, TrimEvery, TrimEvery);
        }
    }

    /// <summary>What is taken of the C library's heap: by Kafka's clients, and by all else that is native. Null where there is no glibc of 2.33 or later.</summary>
    public static unsafe long? BytesInUse()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }
        HeapFigures figures = default;
        return Try(() =>
        {
            figures = MallInfo();
            return 0;
        })
            ? (long)(figures.Used + figures.Mapped)
            : null;
    }

    private static bool Try(Func<int> call)
    {
        try
        {
            _ = call();
            return true;
        }
        catch (Exception none) when (none is EntryPointNotFoundException or DllNotFoundException)
        {
            return false; // Another C library, with another heap.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Mallopt(int option, int value);

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial HeapFigures MallInfo();

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);

    // struct mallinfo2 of glibc's malloc.h: ten sizes, of which the others are not looked at.
    [StructLayout(LayoutKind.Explicit, Size = 10 * 8)]
    private struct HeapFigures
    {
        // hblkhd: large blocks, each mapped by itself.
        [FieldOffset(4 * 8)]
        public nuint Mapped;

        // uordblks: blocks in the heaps.
        [FieldOffset(7 * 8)]
        public nuint Used;
    }
}
