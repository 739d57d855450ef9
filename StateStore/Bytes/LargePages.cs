using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Weir.StateStore;

/// <summary>Asks the system to back memory by pages of 2 MiB: state is read at random, and each read beyond the processor's page table cache costs a walk.</summary>
internal static partial class LargePages
{
    private const int MadvHugePage = 14; // MADV_HUGEPAGE of Linux' asm-generic/mman-common.h

    /// <summary>Asks for it where that can be asked; a system that says no changes nothing but the speed.</summary>
    /// <param name="start">The first byte; at a multiple of 2 MiB.</param>
    /// <param name="length">Bytes.</param>
    public static void Advise(nint start, nint length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Madvise(start, (nuint)length, MadvHugePage);
        }
    }

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(nint start, nuint length, int advice);
}
