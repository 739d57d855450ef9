using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Weir.Hosting.Web;

/// <summary>Answers Prometheus with the program's measurements.</summary>
/// <remarks>
/// Thread: any. Nothing is measured, and OpenTelemetry is not even loaded, until somebody asks for the first time. Counters show all since the program started even so; histograms begin then.
/// </remarks>
internal sealed class MetricsEndpoint(IOptions<WeirOptions> options, IHostEnvironment environment, IServiceProvider services) : IDisposable
{
    private readonly Lock _lock = new();
    private (IDisposable Provider, RequestDelegate Answer)? _begun;
    private bool _isDisposed;

    /// <summary>Where; null where nobody is answered.</summary>
    public string? Path => options.Value.Telemetry.PrometheusPath;

    public Task AnswerAsync(HttpContext context)
    {
        RequestDelegate answer;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            answer = (_begun ??= Begin()).Answer;
        }
        return answer(context);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _begun?.Provider.Dispose();
        }
    }

    private (IDisposable Provider, RequestDelegate Answer) Begin()
    {
        var provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => WeirResource.Add(resource, environment))
            .AddWeirInstrumentation()
            .AddMeter(WeirResource.RuntimeMeter)
            .AddPrometheusExporter(static exporter =>
            {
                exporter.ScrapeResponseCacheDurationMilliseconds = 0; // Who asks gets what is so now.
                exporter.ScopeInfoEnabled = false; // The names say whose they are.
            })
            .Build();
        return (provider, new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(provider, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build());
    }
}
