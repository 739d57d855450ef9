using System.Net;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

public sealed class MetricsEndpointTests
{
    [Fact]
    public async Task Prometheus_gets_names_with_units_help_and_what_the_job_did()
    {
        await using var program = await MeteredProgram.StartAsync();
        (string, string) job = ("weir_job", program.Job);
        await program.CheckpointAsync();
        var first = await ScrapeAsync(program, "text/plain");
        Assert.Equal(1, first["weir_checkpoint_count_total"].Of(job, ("outcome", "completed"), ("kind", "aligned"))); // It was before anybody asked.
        await program.CheckpointAsync();

        var metrics = await ScrapeAsync(program, "application/openmetrics-text");

        Assert.Equal(("counter", 2), (metrics["weir_checkpoint_count"].Type, metrics["weir_checkpoint_count"].Of("weir_checkpoint_count_total", job)));
        Assert.Equal(("gauge", "seconds"), (metrics["weir_checkpoint_age_seconds"].Type, metrics["weir_checkpoint_age_seconds"].Unit));
        Assert.Equal(0, metrics["weir_checkpoint_age_seconds"].Of(job));
        var duration = metrics["weir_checkpoint_duration_seconds"];
        Assert.Equal(("histogram", "seconds", "Time from a checkpoint's trigger to its end, however it ended"), (duration.Type, duration.Unit, duration.Help));
        Assert.Equal(1, duration.Of("weir_checkpoint_duration_seconds_count", job, ("outcome", "completed"))); // Those since somebody asked.
        Assert.Equal(1, duration.Of("weir_checkpoint_duration_seconds_bucket", job, ("le", "+Inf")));
        foreach (string each in new[] { "start_delay", "alignment_duration", "sync_duration", "async_duration" })
        {
            Assert.Equal(4, metrics[$"weir_checkpoint_{each}_seconds"].Of($"weir_checkpoint_{each}_seconds_count", job)); // two tasks of two
        }
        Assert.True(metrics["weir_checkpoint_size_bytes"].Of("weir_checkpoint_size_bytes_sum", job) > 0);
        Assert.Equal(0, metrics["weir_checkpoint_inflight_persisted_bytes"].Of("weir_checkpoint_inflight_persisted_bytes_sum", job));
        Assert.True(metrics["weir_checkpoint_files"].Of("weir_checkpoint_files_sum", job) > 1);
        Assert.True(metrics["weir_state_size_bytes"].Of(job) > 0);
        Assert.Equal(1, metrics["weir_job_running"].Of(job));
        Assert.Equal(0, metrics["weir_restarts"].Of("weir_restarts_total", job));
        Assert.Equal(MeteredProgram.Records, metrics["weir_source_records"].Of("weir_source_records_total", job, ("weir_source", "numbers")));
        Assert.Equal(MeteredProgram.Records, metrics["weir_sink_records"].Of("weir_sink_records_total", job, ("weir_sink", "totals")));
        Assert.InRange(metrics["weir_source_watermark_lag_seconds"].Of(job, ("weir_source", "numbers")), 1e9, 1e10); // Its records are of 1970.
        Assert.Equal(0, metrics["weir_source_idle"].Of(job));
        string[] states = ["busy", "queued", "backpressured", "idle"];
        Assert.All(states, state => Assert.True(metrics["weir_task_time_seconds"].Of("weir_task_time_seconds_total", job, ("state", state)) >= 0));
        Assert.True(metrics["weir_task_time_seconds"].Of("weir_task_time_seconds_total", job, ("state", "busy"), ("weir_task", "sums -> totals")) > 0);
        Assert.True(metrics["weir_channel_buffers"].Of(job, ("kind", "free")) > 0);
        Assert.Equal((0, 0), (metrics["weir_channel_buffers"].Of(job, ("kind", "overdraft")), metrics["weir_channel_overflow"].Of("weir_channel_overflow_total", job)));
        Assert.Equal(0, metrics["weir_channel_spilled_bytes"].Of(job));
        Assert.True(metrics["weir_memory_bytes"].Of(("part", "process")) > 0 && metrics["weir_memory_bytes"].Of(("part", "managed")) > 0);
        string[] bounded = ["channels", "overflow", "state", "checkpoints"];
        Assert.All(bounded, part => Assert.True(metrics["weir_memory_bytes"].Of(("part", part)) >= 0 && metrics["weir_memory_limit_bytes"].Of(("part", part)) > 0)); // Perhaps of another program of this process.
        Assert.All(metrics.Families.Where(family => family.Name.StartsWith("weir_", StringComparison.Ordinal)), family => Assert.False(string.IsNullOrEmpty(family.Help), family.Name));
        Assert.Contains(metrics.Families, family => family.Name.StartsWith("dotnet_gc_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("false", "/metrics", HttpStatusCode.NotFound)]
    [InlineData("/weir/metrics", "/weir/metrics", HttpStatusCode.OK)]
    [InlineData("/weir/metrics", "/metrics", HttpStatusCode.NotFound)]
    public async Task It_answers_where_the_settings_say(string setting, string path, HttpStatusCode status)
    {
        await using var program = await MeteredProgram.StartAsync(null, ("Weir:Telemetry:Prometheus", setting));

        Assert.Equal(status, (await program.GetAsync(path)).Status);
    }

    [Theory]
    [InlineData("Prometheus", "metrics", "set it to true, to false, or to a path of its own such as /metrics")]
    [InlineData("Prometheus", "/health/live", "set it to true, to false, or to a path of its own such as /metrics")]
    [InlineData("Otlp:Endpoint", "collector:4317", "is no collector's address: set one such as http://localhost:4317")]
    [InlineData("Otlp:Endpoint", "http://collector:4317", "this program sends nothing: remove it, or call AddTelemetry")]
    [InlineData("Otlp:Protocol", "Json", "is 'Json', which is not one of Grpc, HttpProtobuf")]
    [InlineData("Otlp:Url", "x", "is not a setting: remove it, or correct its name; there are Endpoint, Protocol")]
    public void A_wrong_setting_is_told_with_the_way_out(string setting, string value, string told) =>
        Assert.Contains(told, Assert.Single(new SettingsScript(("Weir:Telemetry:" + setting, value)).Problems()), StringComparison.Ordinal);

    private static async Task<PrometheusText> ScrapeAsync(MeteredProgram program, string accepted)
    {
        var (status, type, text) = await program.GetAsync("/metrics", accepted);
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        Assert.Equal((HttpStatusCode.OK, accepted), (status, type));
        return new PrometheusText(text);
    }
}
