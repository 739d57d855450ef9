using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Weir.Hosting;

/// <summary>Reads the options from the configuration.</summary>
internal sealed class WeirOptionsSetup(IConfiguration configuration) : IConfigureOptions<WeirOptions>
{
    public void Configure(WeirOptions options)
    {
        OptionsBinder.Bind(configuration.GetSection(WeirOptions.Section), options, options.Problems);
        if (options.Kafka.BootstrapServers.Length == 0)
        {
            options.Kafka.BootstrapServers = configuration.GetConnectionString("kafka") ?? "";
        }
    }
}
