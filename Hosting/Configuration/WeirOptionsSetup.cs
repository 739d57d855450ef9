using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Weir.Hosting;

/// <summary>Reads the options from the configuration.</summary>
internal sealed class WeirOptionsSetup(IConfiguration configuration) : IConfigureOptions<WeirOptions>
{
    // On a terminal somebody waits for an answer; a service starts before its broker, and waits.
    private static readonly TimeSpan s_attendedStartupTimeout = TimeSpan.FromSeconds(10);

    public void Configure(WeirOptions options)
    {
        OptionsBinder.Bind(configuration.GetSection(WeirOptions.Section), options, options.Problems);
        if (options.Kafka.BootstrapServers.Length == 0)
        {
            options.Kafka.BootstrapServers = configuration.GetConnectionString("kafka") ?? "";
        }
        if (options.Telemetry.Otlp.Endpoint.Length == 0)
        {
            options.Telemetry.Otlp.Endpoint = configuration[OtlpOptions.EndpointVariable] ?? "";
            options.Telemetry.Otlp.IsFromVariable = true;
        }
        // As configured: a program whose checkpoints are put elsewhere, as for the embedded broker, is found by the same settings.
        options.Management.DefaultTokenFile = Path.TrimEndingDirectorySeparator(options.Checkpoints.Directory) + ".token";
        if (Terminal.IsAttended)
        {
            options.Kafka.StartupTimeout ??= s_attendedStartupTimeout;
        }
    }
}
