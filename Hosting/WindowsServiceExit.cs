using System.Runtime.Versioning;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.WindowsServices;

namespace Weir.Hosting;

/// <summary>Tells Windows the exit code of the program as that of the service.</summary>
/// <remarks>The service control manager does not look at the process's own: a service that says it stopped with 0, as the host's life time does, is not started again, whatever its failure actions and flag are.</remarks>
[SupportedOSPlatform("windows")]
internal sealed class WindowsServiceExit(IHostLifetime lifetime, ProgramEnd end) : OutlivingService
{
    // All jobs have ended, and the life time has not said yet that the service has.
    public override Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (lifetime is WindowsServiceLifetime service)
        {
            service.ExitCode = end.ExitCode;
        }
        return Task.CompletedTask;
    }
}
