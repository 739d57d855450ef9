using System.Runtime.InteropServices;

namespace Weir.Connectors.Kafka.Native;

/// <summary>Keeps the C library's heap small, which librdkafka allocates from.</summary>
/// <remarks>
/// glibc gives threads heaps of their own, up to eight a core, and none of them returns what another could use. librdkafka's threads come and go with each
/// producer that is replaced, and free what others allocated: in 8 minutes with a commit each 200 ms, 173 MB in 16 heaps held 105 MB, and grew on; two heaps
/// held as much in 99 MB, and stayed there.
/// </remarks>
internal static partial class NativeHeap
{
    /// <summary>Two: as many as need be; those that were there before the bound was set stay, at most eight.</summary>
    private const int ArenasMax = 2;

    // M_ARENA_MAX of glibc's malloc.h.
    private const int ArenaMaxOption = -8;

    /// <summary>To be called as early as can be: once nine threads have allocated, glibc has decided, and asks no more. Does nothing where the operator has set MALLOC_ARENA_MAX, or where there is no glibc.</summary>
    public static void Bound()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is not null)
        {
            return;
        }
        try
        {
            _ = Mallopt(ArenaMaxOption, ArenasMax);
        }
        catch (Exception none) when (none is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, with another heap.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Mallopt(int option, int value);
}
