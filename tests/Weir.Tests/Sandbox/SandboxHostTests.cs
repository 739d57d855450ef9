using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weir.Hosting;
using Weir.Sandbox;
using Weir.Sandbox.Hosting;
using Weir.Tests.Hosting;

namespace Weir.Tests.Sandbox;

public sealed class SandboxHostTests
{
    private const string Kafka = "Weir:Kafka:BootstrapServers";
    private const string Enabled = "Weir:Sandbox:Enabled";

    [Theory]
    [InlineData("Development", null, null, true)]
    [InlineData("Development", "kafka:9092", null, false)]
    [InlineData("Development", null, "false", false)]
    [InlineData("Production", null, null, false)]
    [InlineData("Production", null, "true", true)]
    public async Task The_broker_runs_where_it_is_wanted_and_nowhere_else(string environment, string? kafka, string? enabled, bool runs)
    {
        var script = Script(environment, (Kafka, kafka), (Enabled, enabled));
        var host = script.Builder.Build();
        await using var _ = (IAsyncDisposable)host;
        var options = host.Services.GetRequiredService<IOptions<WeirOptions>>().Value;

        Assert.Equal(runs, options.Kafka.BootstrapServers.StartsWith("127.0.0.1:", StringComparison.Ordinal));
        Assert.Equal(runs ? "embedded broker" : null, host.Services.GetRequiredService<ProgramNotice>().Text);
        Assert.Equal(runs, options.Sandbox.Feed);
    }

    [Fact]
    public async Task Its_checkpoints_lie_in_a_folder_of_the_run_which_goes_with_it()
    {
        string folder;
        var host = Script("Development").Builder.Build();
        await using (host as IAsyncDisposable)
        {
            folder = host.Services.GetRequiredService<IOptions<WeirOptions>>().Value.Checkpoints.Directory;
            Assert.True(Directory.Exists(folder));
        }
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void It_is_refused_beside_a_Kafka() =>
        Assert.Contains("Weir:Sandbox:Enabled is true, and Weir:Kafka:BootstrapServers names a Kafka", Script("Production", (Kafka, "kafka:9092"), (Enabled, "true")).Problems().Single(), StringComparison.Ordinal);

    [Fact]
    public void It_is_refused_by_a_program_that_has_none() =>
        Assert.Contains("call AddSandbox", new SettingsScript((Enabled, "true")).Problems().Single(), StringComparison.Ordinal);

    [Fact]
    public void A_port_in_use_is_refused()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        Assert.Contains($"Weir:Sandbox:Port is {port}", Script("Development", ("Weir:Sandbox:Port", port)).Problems().Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_of_a_run_that_was_killed_goes_with_the_next_one()
    {
        string left = Directory.CreateTempSubdirectory("weir-sandbox-").FullName;
        File.WriteAllText(Path.Combine(left, "in-use"), "");
        using var running = new SandboxFolder();
        using (var next = new SandboxFolder())
        {
            Assert.False(Directory.Exists(left));
            Assert.True(Directory.Exists(running.Path));
            Assert.NotEqual(running.Path, next.Path);
        }
        Assert.True(Directory.Exists(running.Path));
    }

    private static SettingsScript Script(string environment, params (string Path, string? Value)[] settings)
    {
        var script = new SettingsScript([.. settings.Where(setting => setting.Value is not null)]);
        script.Builder.Environment.EnvironmentName = environment;
        script.Weir.AddSandbox();
        return script;
    }
}
