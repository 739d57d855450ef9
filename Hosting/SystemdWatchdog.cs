using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Weir.Hosting;

/// <summary>Tells systemd how long a stop may take, and its watchdog that the program lives, as long as it does: where a unit has <c>WatchdogSec</c>. Elsewhere it does nothing.</summary>
/// <remarks>Protocol: sd_watchdog_enabled(3) and sd_notify(3). A ping is due within the interval; half of it is what they recommend. Pings go on while jobs take their last checkpoints.</remarks>
internal sealed class SystemdWatchdog(
    Liveness liveness, ISystemdNotifier notifier, IHostApplicationLifetime lifetime, IOptions<HostOptions> host, TimeProvider time, ILogger<SystemdWatchdog> logger)
    : OutlivingService, IDisposable
{
    private static readonly ServiceState s_alive = new("WATCHDOG=1");

    private ITimer? _pings;
    private bool _isSilent;

    /// <summary>How often a ping is due; null where nobody waits for any.</summary>
    /// <param name="variable">Reads the environment.</param>
    /// <param name="process">This process's id: a variable may have been inherited that is for another one.</param>
    public static TimeSpan? Interval(Func<string, string?> variable, int process) =>
        long.TryParse(variable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
        && (variable("WATCHDOG_PID") is not { } addressee || addressee == process.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    /// <summary>Says that the program lives, if it does.</summary>
    public void Ping()
    {
        string? failure = liveness.Failure;
        if (failure is null)
        {
            notifier.Notify(s_alive);
        }
        else if (!_isSilent)
        {
            logger.WatchdogSilent(failure);
        }
        _isSilent = failure is not null;
    }

    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        if (notifier.IsEnabled)
        {
            lifetime.ApplicationStopping.Register(ExtendStop);
            if (Interval(Environment.GetEnvironmentVariable, Environment.ProcessId) is { } interval)
            {
                _pings = time.CreateTimer(_ => Ping(), null, TimeSpan.Zero, interval / 2);
            }
        }
        return Task.CompletedTask;
    }

    public void Dispose() => _pings?.Dispose();

    /// <summary>A unit's own limit may be shorter than the host's, which is longer than the jobs': systemd then waits for as long as the host does.</summary>
    private void ExtendStop() => notifier.Notify(new ServiceState($"EXTEND_TIMEOUT_USEC={host.Value.ShutdownTimeout.TotalMicroseconds:0}"));
}
