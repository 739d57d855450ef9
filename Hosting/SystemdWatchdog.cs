using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Weir.Hosting;

/// <summary>Tells systemd's watchdog that the program lives, as long as it does: where a unit has <c>WatchdogSec</c>; elsewhere it does nothing.</summary>
/// <remarks>Protocol: sd_watchdog_enabled(3) and sd_notify(3). A ping is due within the interval; half of it is what they recommend.</remarks>
internal sealed class SystemdWatchdog(Liveness liveness, ISystemdNotifier notifier, TimeProvider time, ILogger<SystemdWatchdog> logger) : BackgroundService
{
    private static readonly ServiceState s_alive = new("WATCHDOG=1");

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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!notifier.IsEnabled || Interval(Environment.GetEnvironmentVariable, Environment.ProcessId) is not { } interval)
        {
            return;
        }
        using var timer = new PeriodicTimer(interval / 2, time);
        do
        {
            Ping();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
