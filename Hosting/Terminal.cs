using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Hosting.WindowsServices;

namespace Weir.Hosting;

/// <summary>Whether somebody watches.</summary>
internal static class Terminal
{
    /// <summary>Output goes to a terminal, and the program is no service.</summary>
    public static bool IsAttended => !Console.IsOutputRedirected && !WindowsServiceHelpers.IsWindowsService() && !SystemdHelpers.IsSystemdService();
}
