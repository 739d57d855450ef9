using Microsoft.Extensions.DependencyInjection;
using Weir.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Sends measurements and traces of a program.</summary>
public static class WeirTelemetryExtensions
{
    /// <summary>
    /// Sends measurements and traces to the collector that <c>Weir:Telemetry:Otlp</c> names, if it names one. A program with OpenTelemetry of its own needs none of this: it calls <c>AddWeirInstrumentation</c>
    /// there.
    /// </summary>
    /// <param name="builder">What <c>AddWeir</c> returned.</param>
    public static WeirBuilder AddTelemetry(this WeirBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<WeirOptions>().PostConfigure(options => options.Telemetry.Otlp.IsThere = true);
        builder.Services.AddHostedService<OtlpExport>();
        return builder;
    }
}
