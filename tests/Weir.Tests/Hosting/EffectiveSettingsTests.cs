using Microsoft.Extensions.Configuration;
using Weir.Hosting;

namespace Weir.Tests.Hosting;

public sealed class EffectiveSettingsTests
{
    [Fact]
    public void Each_setting_is_shown_with_the_layer_that_decided_it_and_no_secret()
    {
        var settings = Of(
            [new("Weir:StopTimeout", "5s"), new("Weir:Kafka:Client:sasl.password", "hunter2"), new("Weir:Jobs:orders:execution.checkpointing.interval", "3s"), new("ConnectionStrings:kafka", "one:9092")],
            ["--Weir:StopTimeout=9s"]);

        Assert.Equal(new EffectiveSetting("Weir:StopTimeout", "00:00:09", "the command line"), settings["Weir:StopTimeout"]);
        Assert.Equal(new EffectiveSetting("Weir:Kafka:Client:sasl.password", "***", "MemoryConfigurationProvider"), settings["Weir:Kafka:Client:sasl.password"]);
        Assert.Equal(
            new EffectiveSetting("Weir:Jobs:orders:CheckpointInterval", "00:00:03", "MemoryConfigurationProvider, as Weir:Jobs:orders:execution.checkpointing.interval"),
            settings["Weir:Jobs:orders:CheckpointInterval"]);
        Assert.Equal(new EffectiveSetting("Weir:Kafka:BootstrapServers", "one:9092", "MemoryConfigurationProvider, as ConnectionStrings:kafka"), settings["Weir:Kafka:BootstrapServers"]);
        Assert.Equal(new EffectiveSetting("Weir:StuckTimeout", "00:05:00", "default"), settings["Weir:StuckTimeout"]);
        Assert.DoesNotContain("Weir:Jobs", settings.Keys);
    }

    [Fact]
    public void What_the_program_itself_set_is_told_from_the_default()
    {
        var options = new WeirOptions { StopTimeout = TimeSpan.FromSeconds(7) };
        var settings = EffectiveSettings.Of(options, new ConfigurationBuilder().Build());

        Assert.Equal("the program", settings.Single(setting => setting.Setting == "Weir:StopTimeout").From);
    }

    private static Dictionary<string, EffectiveSetting> Of(KeyValuePair<string, string?>[] memory, string[] args)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(memory).AddCommandLine(args).Build();
        var options = new WeirOptions();
        new WeirOptionsSetup(configuration).Configure(options);
        return EffectiveSettings.Of(options, configuration).ToDictionary(setting => setting.Setting);
    }
}
