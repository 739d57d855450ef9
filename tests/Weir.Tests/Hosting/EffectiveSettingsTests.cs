using Microsoft.Extensions.Configuration;
using Weir.Hosting;

namespace Weir.Tests.Hosting;

public sealed class EffectiveSettingsTests
{
    [Fact]
    public void Each_setting_is_shown_with_the_layer_that_decided_it_and_no_secret()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Weir:StopTimeout", "5s"), new("Weir:Kafka:Client:sasl.password", "hunter2"), new("Other:Key", "x")])
            .AddCommandLine(["--Weir:StopTimeout=9s"])
            .Build();

        var lines = EffectiveSettings.Describe(configuration).ToArray();

        Assert.Equal(["Weir:Kafka:Client:sasl.password = ***  (MemoryConfigurationProvider)", "Weir:StopTimeout = 9s  (CommandLineConfigurationProvider)"], lines);
    }
}
