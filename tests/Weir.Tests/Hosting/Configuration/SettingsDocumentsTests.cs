using System.Text.Json;
using Json.Schema;
using Microsoft.Extensions.Configuration;
using Weir.Hosting;
using Weir.Tests.Tidy;

namespace Weir.Tests.Hosting.Configuration;

public sealed class SettingsDocumentsTests
{
    private static readonly JsonSchema s_schema = JsonSchema.FromText(SettingsSchema.Of(SettingsTree.Root));

    [Theory]
    [InlineData("appsettings.schema.json")]
    [InlineData("docs/configuration.md")]
    public void The_documents_say_what_the_options_are(string file)
    {
        string text = file.EndsWith(".md", StringComparison.Ordinal) ? SettingsReference.Of(SettingsTree.Root) : SettingsSchema.Of(SettingsTree.Root);
        if (Environment.GetEnvironmentVariable("WEIR_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Path.Combine(SourceTree.Root, file), text);
        }

        Assert.True(text == SourceTree.Read(file), $"{file} is not what the options say: run this test with WEIR_WRITE_DOCS=1.");
    }

    [Theory]
    [InlineData("appsettings.json")]
    [InlineData("templates/weir-job/Weir.Job1/appsettings.json")]
    public void The_settings_that_we_ship_fit_the_schema(string file) => Assert.True(Fits(SourceTree.Read(file)));

    [Theory]
    [InlineData("""{ "Kafka": { "BootstrapServers": "a:1", "StartupTimeout": "None", "Client": { "security.protocol": "ssl", "socket.timeout.ms": 5000 }, "CommitsTopic": { "ReplicationFactor": 3 } } }""")]
    [InlineData("""{ "Telemetry": { "Prometheus": false }, "Sandbox": { "Enabled": true }, "StopTimeout": "10s" }""")]
    [InlineData("""{ "Jobs": { "orders": { "Parallelism": 4, "MaxInFlightBytes": "64MiB", "CheckpointMode": "Aligned", "Restart": { "MaxRestarts": "None", "MaxDelay": "00:01:00" } } } }""")]
    [InlineData("""{ "Jobs": { "orders": { "execution.checkpointing.interval": "30 s", "execution.checkpointing.unaligned.enabled": false, "MaxOverflowBytes": 0 } } }""")]
    [InlineData("""{ "Jobs": { "orders": { "Sources": { "in": { "Topics": ["a", "b"], "Partitions": { "a": "0-3,7" }, "StartOffsets": { "a-0": 17 } } }, "Sinks": { "out": { "Guarantee": "AtLeastOnce" } } } } }""")]
    public void What_a_program_takes_fits_the_schema(string settings)
    {
        Assert.Empty(Problems(settings));
        Assert.True(Fits($$"""{ "Weir": {{settings}} }"""));
    }

    [Theory]
    [InlineData("""{ "Typo": 1 }""")]
    [InlineData("""{ "StopTimeout": "10" }""")]
    [InlineData("""{ "StopTimeout": "10 parsecs" }""")]
    [InlineData("""{ "StopTimeout": "None" }""")]
    [InlineData("""{ "Jobs": { "orders": { "Parallelism": 0 } } }""")]
    [InlineData("""{ "Jobs": { "orders": { "Parallelism": "many" } } }""")]
    [InlineData("""{ "Jobs": { "orders": { "Restart": { "Stratgy": "None" } } } }""")]
    [InlineData("""{ "Jobs": { "orders": { "CheckpointMode": "timeout" } } }""")]
    [InlineData("""{ "Jobs": { "orders": { "MaxInFlightBytes": "64 monkeys" } } }""")]
    [InlineData("""{ "Jobs": { "orders": { "Enabled": "yes" } } }""")]
    public void What_a_program_refuses_does_not_fit_the_schema(string settings)
    {
        Assert.NotEmpty(Problems(settings));
        Assert.False(Fits($$"""{ "Weir": {{settings}} }"""));
    }

    [Fact]
    public void The_name_of_a_schema_is_no_setting() =>
        Assert.Empty(new SettingsScript(("$schema", "./appsettings.schema.json")).Options().Problems);

    [Fact]
    public void The_commits_topic_is_set_by_its_section()
    {
        var topic = new SettingsScript(("Weir:Kafka:CommitsTopic:Name", "commits"), ("Weir:Kafka:CommitsTopic:Create", "false"), ("Weir:Kafka:CommitsTopic:ReplicationFactor", "2")).Options().Kafka.CommitsTopic;

        Assert.Equal("commits", topic.Name);
        Assert.False(topic.Create);
        Assert.Equal((short)2, topic.ReplicationFactor);
    }

    private static bool Fits(string json)
    {
        using var document = JsonDocument.Parse(json);
        return s_schema.Evaluate(document.RootElement).IsValid;
    }

    private static List<string> Problems(string settings)
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{ "Weir": {{settings}} }"""));
        var options = new WeirOptions();
        OptionsBinder.Bind(new ConfigurationBuilder().AddJsonStream(json).Build().GetSection(WeirOptions.Section), options, options.Problems);
        OptionsRanges.Check(options, WeirOptions.Section, options.Problems);
        return options.Problems;
    }
}
