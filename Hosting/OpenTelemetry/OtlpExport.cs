using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Weir.Hosting;

/// <summary>Sends measurements and traces from before the jobs start until after they have ended, where a collector is configured; else it does nothing, and OpenTelemetry is not even loaded.</summary>
/// <remarks>Whether there is one is known when the options are read, so that the providers are made then, and not where services are registered.</remarks>
internal sealed class OtlpExport(IOptions<WeirOptions> options, IHostEnvironment environment) : OutlivingService, IDisposable
{
    private readonly List<IDisposable> _providers = [];

    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Telemetry.Otlp is { Endpoint.Length: > 0 } otlp)
        {
            Begin(otlp);
        }
        return Task.CompletedTask;
    }

    // The last checkpoints are sent, too: for 5 s each at most, which is OpenTelemetry's own limit.
    public override Task StoppedAsync(CancellationToken cancellationToken) => Task.WhenAll(_providers.Select(provider => Task.Run(provider.Dispose, CancellationToken.None)));

    public void Dispose() => _providers.ForEach(static provider => provider.Dispose());

    // Not inlined: its types would be loaded where nothing is sent.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Begin(OtlpOptions otlp)
    {
        _providers.Add(Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => WeirResource.Add(resource, environment))
            .AddWeirInstrumentation()
            .AddMeter(WeirResource.RuntimeMeter)
            .AddOtlpExporter(exporter => Configure(exporter, otlp, "v1/metrics"))
            .Build());
        _providers.Add(Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => WeirResource.Add(resource, environment))
            .AddWeirInstrumentation()
            .AddOtlpExporter(exporter => Configure(exporter, otlp, "v1/traces"))
            .Build());
    }

    private static void Configure(OtlpExporterOptions exporter, OtlpOptions otlp, string signal)
    {
        if (otlp.Protocol is { } protocol)
        {
            exporter.Protocol = protocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        }
        var collector = new Uri(otlp.Endpoint);
        exporter.Endpoint = exporter.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri(new Uri(collector.AbsoluteUri.TrimEnd('/') + "/"), signal) : collector;
    }
}
