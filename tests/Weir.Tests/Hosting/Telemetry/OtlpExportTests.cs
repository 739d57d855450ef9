using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Weir.Tests.Hosting;

public sealed class OtlpExportTests
{
    [Theory]
    [InlineData("HttpProtobuf", HttpProtocols.Http1, "application/x-protobuf", "/v1/metrics", "/v1/traces")]
    [InlineData("Grpc", HttpProtocols.Http2, "application/grpc", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    [InlineData(null, HttpProtocols.Http2, "application/grpc", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    public async Task A_collector_gets_measurements_and_traces_the_last_ones_included(string? protocol, HttpProtocols protocols, string type, string metrics, string traces)
    {
        await using var collector = await Collector.StartAsync(protocols);
        await using var program = await MeteredProgram.StartAsync(
            weir => weir.AddTelemetry(),
            [("Weir:Telemetry:Otlp:Endpoint", collector.Address.ToString()), .. protocol is null ? Array.Empty<(string, string?)>() : [("Weir:Telemetry:Otlp:Protocol", protocol)]]);
        await program.CheckpointAsync();
        await program.StopAsync(); // Sends what is left.

        string measured = collector.At(metrics, type);
        Assert.All(["weir.checkpoint.count", "weir.checkpoint.duration", "weir.source.records", "dotnet.gc.collections", program.Job, "service.name"], name => Assert.Contains(name, measured, StringComparison.Ordinal));
        string told = collector.At(traces, type);
        Assert.All(["checkpoint", "sums -> totals #1", "barrier seen", program.Job, "service.name"], name => Assert.Contains(name, told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_variable_that_all_programs_share_is_taken_where_no_setting_is_there()
    {
        await using var collector = await Collector.StartAsync(HttpProtocols.Http2);
        await using var program = await MeteredProgram.StartAsync(weir => weir.AddTelemetry(), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.ToString()));
        await program.StopAsync();

        Assert.Contains("weir.source.records", collector.At("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "application/grpc"), StringComparison.Ordinal);
    }
}
