using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Hosting;

namespace Weir.Tests.Hosting;

public sealed class ManagementServerTests
{
    [Fact]
    public async Task It_is_live_before_a_job_is_ready()
    {
        string url = $"http://localhost:{FreePort()}";
        using var host = Program(url, enabledJob: false);
        await host.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(url) };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/health/live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/health/ready"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/"));

        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_port_in_use_ends_the_program_with_2_before_a_job_starts()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var host = Program($"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}", enabledJob: true);

        Assert.Equal(ExitCode.Configuration, await host.RunWeirAsync([]));
    }

    private static IHost Program(string url, bool enabledJob)
    {
        var script = new SettingsScript(("Weir:Management:Url", url), ("Weir:Management:TokenFile", Path.Combine(Path.GetTempPath(), "weir-no-token")), ("Weir:Jobs:orders:Enabled", enabledJob ? "true" : "false"));
        script.Builder.Services.AddLogging();
        script.Weir.AddManagement();
        return script.Builder.Build();
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
