using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weir.Chaos;

/// <summary>What a newcomer meets: the host on a machine with nothing but the SDK, and its demonstrations.</summary>
public sealed class FirstStepsTests
{
    private const string Development = "Development";

    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_published_host_without_settings_ends_with_2_and_starts_no_broker()
    {
        string folder = Directory.CreateTempSubdirectory("weir-published-").FullName;
        try
        {
            await PublishAsync(folder);
            await using var host = WeirProcess.StartBare(Path.Combine(folder, "weir.dll"), WeirProcess.Production, "--Weir:Management:Enabled=false");
            Assert.Equal(2, await host.ExitCodeAsync(s_hang));
            Assert.Contains("No Kafka is configured", host.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("Embedded broker", host.Errors, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task In_development_it_shows_the_ledger_on_an_embedded_broker_time_after_time()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        await using (var first = await RunUntilShownAsync())
        {
            first.Terminate();
            Assert.Equal(0, await first.ExitCodeAsync(s_hang));
        }
        await using (var killed = await RunUntilShownAsync())
        {
            await killed.KillAsync();
        }
        await using var next = await RunUntilShownAsync();
        next.Terminate();
        Assert.Equal(0, await next.ExitCodeAsync(s_hang));
    }

    [Fact]
    public async Task Health_says_that_the_broker_is_embedded()
    {
        int port = FreePort();
        await using var host = WeirProcess.StartBare(WeirProcess.Built("HostProgram"), Development, $"--Weir:Management:Url=http://localhost:{port}");
        await SaysAsync(host, "; account ");
        using var client = new HttpClient();
        Assert.Contains("embedded broker", await client.GetStringAsync($"http://localhost:{port}/health/ready", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_killed_five_times_loses_and_doubles_nothing()
    {
        await using var demo = WeirProcess.StartBare(WeirProcess.Built("HostProgram"), WeirProcess.Production, "demo", "crash");
        int code = await demo.ExitCodeAsync(s_hang);
        Assert.True(code == 0, demo.Errors);
        Assert.Matches("5 kills, 5 restores with [1-9][0-9,]* records in flight: in ([0-9,]+), out \\1, lost 0, doubled 0, wrong balances 0", demo.Errors);
    }

    [Fact]
    public async Task Under_pressure_both_kinds_of_checkpoints_are_shown()
    {
        await using var demo = WeirProcess.StartBare(WeirProcess.Built("HostProgram"), WeirProcess.Production, "demo", "pressure", "--turn", "4", "--Weir:Management:Enabled=false");
        int code = await demo.ExitCodeAsync(s_hang);
        Assert.True(code == 0, demo.Errors);
        Assert.Matches("[0-9]+ Unaligned checkpoints took .*; [0-9]+ Aligned checkpoints took ", demo.Errors);
    }

    private static async Task<WeirProcess> RunUntilShownAsync()
    {
        var host = WeirProcess.StartBare(WeirProcess.Built("HostProgram"), Development, "--Weir:Management:Enabled=false");
        await SaysAsync(host, "Embedded broker at 127.0.0.1:");
        await SaysAsync(host, "in =key=> balances -> out (exactly-once)");
        await SaysAsync(host, "; account ");
        return host;
    }

    private static async Task SaysAsync(WeirProcess host, string text)
    {
        var said = host.Says(text);
        Assert.True(said == await Task.WhenAny(said, Task.Delay(s_hang)), $"'{text}' was not said in:\n{host.Errors}");
    }

    private static async Task PublishAsync(string folder)
    {
        string built = Path.GetDirectoryName(WeirProcess.Built("HostProgram"))!;
        string configuration = Path.GetFileName(Path.GetDirectoryName(built)!);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["publish", Path.GetFullPath(Path.Combine(built, "../../..")), "--no-build", "-c", configuration, "-o", folder])
        {
            start.ArgumentList.Add(argument);
        }
        using var publish = Process.Start(start)!;
        string said = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, said);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
