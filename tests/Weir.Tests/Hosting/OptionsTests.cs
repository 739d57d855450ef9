using Weir.Connectors.Kafka;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

public sealed class OptionsTests
{
    [Fact]
    public void Without_settings_all_options_have_their_defaults()
    {
        var options = new SettingsScript().Options();

        Assert.Empty(options.Jobs);
        Assert.Equal("", options.Kafka.BootstrapServers);
        Assert.Equal("http://localhost:5080", options.Management.Url);
        Assert.EndsWith("checkpoints", options.Checkpoints.Directory, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_of_a_job_reach_its_run()
    {
        var options = new SettingsScript(
            ("Weir:Jobs:orders:Parallelism", "4"),
            ("Weir:Jobs:orders:CheckpointInterval", "500ms"),
            ("Weir:Jobs:orders:CheckpointMode", "aligned"),
            ("Weir:Jobs:orders:MaxInFlightBytes", "64MiB"),
            ("Weir:Jobs:orders:MaxOverflowBytes", "0"),
            ("Weir:Jobs:orders:Restart:Strategy", "none"),
            ("Weir:Jobs:orders:Sources:in:Topic", "orders-v2"),
            ("Weir:Jobs:orders:Sources:in:StartOffsets:orders-v2-3", "17"),
            ("Weir:Jobs:orders:Sources:in:Partitions:orders-v2", "0-3,7"),
            ("Weir:Jobs:orders:Sources:many:Topics:0", "orders.eu"),
            ("Weir:Jobs:orders:Sources:many:Topics:1", "orders.us"),
            ("Weir:Jobs:orders:Sinks:out:Guarantee", "at-least-once")).Options();

        var job = options.Jobs["orders"];
        var settings = job.ToSettings("orders");
        Assert.Equal(4, settings.Parallelism);
        Assert.Equal(TimeSpan.FromMilliseconds(500), settings.CheckpointInterval);
        Assert.Equal(CheckpointMode.Aligned, settings.CheckpointMode);
        Assert.Equal(64L << 20, settings.MaxInFlightBytes);
        Assert.Equal(0, settings.MaxOverflowBytes);
        Assert.Equal(RestartStrategy.None, settings.Restart.Strategy);
        Assert.Equal("orders-v2", job.Sources["in"].Topic);
        Assert.Equal(17, job.Sources["in"].StartOffsets["orders-v2-3"]);
        Assert.Equal("0-3,7", job.Sources["in"].Partitions["orders-v2"]);
        Assert.Equal(["orders.eu", "orders.us"], job.Sources["many"].Topics);
        Assert.Equal(SinkGuarantee.AtLeastOnce, job.Sinks["out"].Guarantee);
    }

    [Fact]
    public void The_defaults_of_a_job_are_the_engines()
    {
        var expected = new JobSettings { Name = "orders" };
        var settings = new Weir.Hosting.JobOptions().ToSettings("orders");

        foreach (var property in typeof(JobSettings).GetProperties().Where(property => property.PropertyType != typeof(RestartSettings)))
        {
            Assert.Equal(property.GetValue(expected), property.GetValue(settings));
        }
        foreach (var property in typeof(RestartSettings).GetProperties())
        {
            Assert.Equal(property.GetValue(expected.Restart), property.GetValue(settings.Restart));
        }
    }

    [Fact]
    public void A_value_out_of_range_is_refused_with_path_value_range_and_default()
    {
        string problem = Assert.Single(new SettingsScript(("Weir:Jobs:orders:Parallelism", "0")).Problems());

        Assert.Equal("Weir:Jobs:orders:Parallelism is 0, which is out of range: set it to 1 up to 32768, or remove it for the default (1).", problem);
    }

    [Theory]
    [InlineData("Weir:Jobs:orders:CheckpointInterval", "10", "a duration such as 00:00:10 or 10s")]
    [InlineData("Weir:Jobs:orders:Parallelism", "many", "a whole number")]
    [InlineData("Weir:Jobs:orders:MaxInFlightBytes", "64 monkeys", "a size such as 64MiB")]
    [InlineData("Weir:Jobs:orders:CheckpointMode", "timeout", "one of Unaligned, Aligned")]
    [InlineData("Weir:Jobs:orders:Enabled", "yes", "true or false")]
    public void A_value_of_another_kind_is_refused_with_what_is_expected(string path, string value, string expected)
    {
        string problem = Assert.Single(new SettingsScript((path, value)).Problems());

        Assert.StartsWith($"{path} is '{value}', which is not {expected}: ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_not_known_is_refused_with_those_that_are()
    {
        string problem = Assert.Single(new SettingsScript(("Weir:Jobs:orders:Restart:Stratgy", "none")).Problems());

        Assert.StartsWith("Weir:Jobs:orders:Restart:Stratgy is not a setting: ", problem, StringComparison.Ordinal);
        Assert.Contains("Strategy, InitialDelay", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_shown_at_once()
    {
        var problems = new SettingsScript(
            ("Weir:Typo", "1"),
            ("Weir:StopTimeout", "00:01:00"),
            ("Weir:Management:Url", "localhost"),
            ("Weir:Jobs:order:Parallelism", "1"),
            ("Weir:Jobs:orders:Parallelism", "256"),
            ("Weir:Jobs:orders:RetainedCheckpoints", "1"),
            ("Weir:Jobs:orders:Restart:InitialDelay", "2min")).Problems();

        Assert.Collection(
            problems,
            problem => Assert.StartsWith("Weir:Typo is not a setting", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("Weir:Jobs:orders:RetainedCheckpoints is 1, which is out of range: set it to 2 up to 1000", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("Weir:StopTimeout is 00:01:00, but the host gives up after", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("Weir:Management:Url is 'localhost', which is no http address", problem, StringComparison.Ordinal),
            problem => Assert.Equal("Weir:Jobs:order is for a job that this program does not have: correct the name, or remove it; there are orders, sample.", problem),
            problem => Assert.StartsWith("Weir:Jobs:orders:Parallelism is 256, more than MaxParallelism (128)", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("Weir:Jobs:orders:Restart:InitialDelay is 00:02:00, longer than MaxDelay", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_timeout_of_checkpoints_that_stay_aligned_is_refused()
    {
        string problem = Assert.Single(new SettingsScript(("Weir:Jobs:orders:AlignedCheckpointTimeout", "1s"), ("Weir:Jobs:orders:CheckpointMode", "Aligned")).Problems());

        Assert.StartsWith("Weir:Jobs:orders:AlignedCheckpointTimeout is set, and CheckpointMode is Aligned, which never turns unaligned: remove one of them", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_brokers_may_come_as_a_connection_string()
    {
        Assert.Equal("a:1", new SettingsScript(("ConnectionStrings:kafka", "a:1")).Options().Kafka.BootstrapServers);
        Assert.Equal("b:2", new SettingsScript(("ConnectionStrings:kafka", "a:1"), ("Weir:Kafka:BootstrapServers", "b:2")).Options().Kafka.BootstrapServers);
    }

    [Theory]
    [InlineData("Weir:Kafka:Client:ssl.ca.location")]
    [InlineData("Weir:Kafka:Client:ssl:ca:location")]
    public void Client_settings_keep_their_dotted_names(string path) =>
        Assert.Equal("/ca.pem", new SettingsScript((path, "/ca.pem")).Options().Kafka.Client["ssl.ca.location"]);

    [Fact]
    public void Added_jobs_run_unless_disabled_and_offered_ones_only_where_configured()
    {
        Assert.Equal(["orders"], new SettingsScript().JobsThatRun());
        Assert.Equal(["orders", "sample"], new SettingsScript(("Weir:Jobs:sample:Enabled", "true")).JobsThatRun());
        Assert.Empty(new SettingsScript(("Weir:Jobs:orders:Enabled", "false")).JobsThatRun());
    }
}
