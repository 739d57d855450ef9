using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Weir.Hosting;
using Weir.Sandbox.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the embedded broker to a program.</summary>
public static class WeirSandboxExtensions
{
    /// <summary>
    /// Adds a Kafka broker in the process, so that the program runs where there is none. It starts in the environment <c>Development</c> where no Kafka is configured,
    /// or with <c>Weir:Sandbox:Enabled=true</c>; else it does nothing. Its data lies in memory, and the jobs' checkpoints in a folder of that run: both are gone on exit.
    /// </summary>
    /// <param name="builder">What <c>AddWeir</c> returned.</param>
    /// <param name="setUp">Says what is written to its topics, and what is shown of them; null leaves them empty.</param>
    public static WeirBuilder AddSandbox(this WeirBuilder builder, Action<SandboxSetup>? setUp = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var setup = new SandboxSetup();
        setUp?.Invoke(setup);
        var services = builder.Services;
        services.AddSingleton(setup);
        services.AddSingleton<SandboxBroker>();
        services.AddSingleton<IPostConfigureOptions<WeirOptions>, SandboxOptionsSetup>();
        services.AddSingleton<OutputSample>();
        services.AddSingleton<IProgressDetail>(provider => provider.GetRequiredService<OutputSample>());
        services.AddHostedService<SampleInput>();
        services.AddHostedService(provider => provider.GetRequiredService<OutputSample>());
        return builder;
    }
}
