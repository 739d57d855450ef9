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
}
