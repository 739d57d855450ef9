using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Weir.Hosting;
using Weir.Tests.Doubles;

namespace Weir.Tests.Hosting;

public sealed class LivenessTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_whose_job_hangs_in_a_record_is_dead_to_probes_and_to_the_watchdog_until_it_goes_on()
    {
        string folder = Directory.CreateTempSubdirectory("weir").FullName;
        var time = new ShiftedTime();
        var pings = new Pings();
        using var job = new HangingJob();
        var script = new SettingsScript(("Weir:Jobs:orders:Enabled", "false"), ("Weir:Management:Url", "http://127.0.0.1:0"), ("Weir:Checkpoints:Directory", folder));
        script.Builder.Services.AddLogging().AddSingleton<TimeProvider>(time).AddSingleton<ISystemdNotifier>(pings);
        script.Weir.AddJob("hangs", _ => job);
        using var host = script.Builder.Build();
        await host.StartAsync(Now);
        await job.Hangs.WaitAsync(TimeSpan.FromSeconds(60), Now);
        var liveness = host.Services.GetRequiredService<Liveness>();
        using var watchdog = ActivatorUtilities.CreateInstance<SystemdWatchdog>(host.Services);

        time.Shift(TimeSpan.FromMinutes(4));
        watchdog.Ping();
        Assert.Equal((null, 1), (liveness.Failure, pings.Count));
        time.Shift(TimeSpan.FromMinutes(2));
        watchdog.Ping();
        Assert.Equal(1, pings.Count);
        Assert.Contains("Job hangs: numbers -> map-1 -> nowhere #0 has been at one record for 36", liveness.Failure, StringComparison.Ordinal);
        job.GoOn();
        await host.WaitForShutdownAsync(Now).WaitAsync(TimeSpan.FromSeconds(60), Now);
        watchdog.Ping();
        Assert.Equal((null, 2), (liveness.Failure, pings.Count));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("2000000", null, 2.0)]
    [InlineData("2000000", "7", 2.0)]
    [InlineData("2000000", "8", null)]
    [InlineData(null, null, null)]
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    public void Pings_are_due_as_often_as_systemd_says_to_this_process(string? microseconds, string? process, double? seconds) => Assert.Equal(
        seconds,
        SystemdWatchdog.Interval(name => name == "WATCHDOG_USEC" ? microseconds : process, process: 7)?.TotalSeconds);

    private sealed class Pings : ISystemdNotifier
    {
        public int Count { get; private set; }

        public bool IsEnabled => false;

        public void Notify(ServiceState state) => Count += state.ToString() == "WATCHDOG=1" ? 1 : 0;
    }
}
