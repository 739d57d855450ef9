using Weir.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Runs a program that has Weir's jobs.</summary>
public static class WeirHostExtensions
{
    /// <summary>
    /// Does what the arguments say (<c>run</c>, the default, or another verb: <c>--help</c> lists them), disposes the host, and returns the exit code: see <see cref="ExitCode"/>.
    /// Settings such as <c>--Weir:Jobs:copy:Parallelism=2</c> are the configuration's, and pass.
    /// </summary>
    /// <param name="host">Built with <c>AddWeir</c>.</param>
    /// <param name="args">The program's.</param>
    public static async Task<int> RunWeirAsync(this IHost host, string[] args)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(args);
        try
        {
            return await WeirCommandLine.InvokeAsync(host, args).ConfigureAwait(false);
        }
        finally
        {
            if (host is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                host.Dispose();
            }
        }
    }
}
