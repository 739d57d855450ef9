using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Hosting.WindowsServices;
using Microsoft.Extensions.Options;
using Weir.Hosting;
using Weir.StateStore;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds Weir to a program.</summary>
public static class WeirHostApplicationBuilderExtensions
{
    /// <summary>Adds what runs jobs: options from the section <c>Weir</c>, health checks, and the life times of a Windows service and of systemd, which do nothing elsewhere.</summary>
    /// <param name="builder">Of a worker or of a web application.</param>
    /// <returns>Where the program's jobs are named.</returns>
    public static WeirBuilder AddWeir(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        KeepSettings(builder.Configuration);
        var services = builder.Services;
        services.AddWindowsService();
        services.AddSystemd();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IConfigureOptions<WeirOptions>, WeirOptionsSetup>();
        services.AddSingleton<IValidateOptions<WeirOptions>, WeirOptionsValidator>();
        services.AddOptions<WeirOptions>().ValidateOnStart();
        services.AddSingleton<ProgramEnd>();
        services.AddSingleton<ProgramNotice>();
        services.AddSingleton<ICheckpointStorage>(provider => new LocalStorage(provider.GetRequiredService<IOptions<WeirOptions>>().Value.Checkpoints.Directory));
        services.AddMetrics();
        services.AddSingleton<MemoryUse>();
        services.AddSingleton<JobMetrics>();
        services.AddSingleton<CheckpointTraces>();
        services.AddSingleton<JobRunFactory>();
        services.AddSingleton<JobHostedService>();
        services.AddHostedService(provider => provider.GetRequiredService<JobHostedService>());
        services.AddSingleton(provider => new WeirJobs(provider.GetRequiredService<JobHostedService>()));
        services.AddHostedService<ProgressReporter>();
        services.AddHostedService<StepWatch>();
        services.AddSingleton<Liveness>();
        services.AddSingleton<Startup>();
        services.AddSingleton<HostStatusReading>();
        services.AddSingleton<JobActions>();
        services.AddSingleton<ManagementToken>();
        services.TryAddSingleton(FreeSpace.OfDisk);
        services.TryAddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddHostedService<SystemdWatchdog>();
        if (OperatingSystem.IsWindows() && WindowsServiceHelpers.IsWindowsService())
        {
            services.AddHostedService<WindowsServiceExit>();
        }
        services.AddHealthChecks().AddCheck<JobsHealthCheck>("weir-jobs", tags: [JobsHealthCheck.ReadyTag]);
        return new WeirBuilder(services);
    }

    /// <summary>In <c>run --drop-in-flight --Weir:A=b</c> the configuration takes the setting for the flag's value, and loses it.</summary>
    private static void KeepSettings(IConfigurationBuilder configuration)
    {
        for (int index = 0; index < configuration.Sources.Count; index++)
        {
            if (configuration.Sources[index] is CommandLineConfigurationSource { Args: { } args } source && WeirCommandLine.WithoutFlags([.. args]) is var kept && kept.Length < args.Count())
            {
                configuration.Sources[index] = new CommandLineConfigurationSource { Args = kept, SwitchMappings = source.SwitchMappings };
            }
        }
    }
}
