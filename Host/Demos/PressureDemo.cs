using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Hosting;
using Weir.Jobs;

namespace Weir.Demos;

/// <summary>The ledger with a sink that takes a small part of what comes in: unaligned checkpoints, then aligned ones, then unaligned ones again.</summary>
/// <param name="turn">How long each kind is shown.</param>
internal sealed class PressureDemo(TimeSpan turn) : Demo
{
    private const int SinkPerSecond = 500;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    public override JobParameters Parameters { get; } = new() { Throttle = SinkPerSecond };

    public override void AddTo(IHostApplicationBuilder builder)
    {
        builder.Services.Configure<WeirOptions>(options =>
        {
            options.Kafka.BootstrapServers = "";
            options.Sandbox.Enabled = true;
            options.Jobs.Clear();
            options.Jobs[Job] = new JobOptions { Parallelism = 2, CheckpointInterval = s_interval, AlignedCheckpointTimeout = TimeSpan.Zero };
        });
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<PressureTurns>(services, Job, turn));
        builder.Services.AddHostedService(services => services.GetRequiredService<PressureTurns>());
    }

    public static async Task<int> RunAsync(IHost host, CancellationToken cancellation)
    {
        var turns = host.Services.GetRequiredService<PressureTurns>();
        int code = await RunCommand.RunAsync(host, cancellation);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"All buffers full, sinks that take {SinkPerSecond:N0} records/s each: {turns.Summary()}"));
        return code;
    }
}
