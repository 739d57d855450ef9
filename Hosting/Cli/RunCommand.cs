using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Weir.Hosting;

/// <summary>The verb <c>run</c>: from start to exit code.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(IHost host, CancellationToken cancellation)
    {
        var jobs = host.Services.GetRequiredService<JobHostedService>();
        jobs.Prepare();
        if (jobs.Runs.Count == 0)
        {
            throw host.Services.GetRequiredService<JobRunFactory>().NoJob(null);
        }
        int interrupts = 0;
        using var interrupt = PosixSignalRegistration.Create(
            PosixSignal.SIGINT,
            signal =>
            {
                // The first is the host's: it stops the jobs in good order.
                signal.Cancel = true;
                if (Interlocked.Increment(ref interrupts) == 2)
                {
                    jobs.CancelNow();
                }
            });
        await host.StartAsync(cancellation).ConfigureAwait(false);
        await host.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        return host.Services.GetRequiredService<ProgramEnd>().ExitCode;
    }
}
