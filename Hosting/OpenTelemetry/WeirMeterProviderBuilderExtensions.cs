using Weir.Runtime;

namespace OpenTelemetry.Metrics;

/// <summary>Adds Weir's measurements to a program's own OpenTelemetry.</summary>
public static class WeirMeterProviderBuilderExtensions
{
    /// <summary>Takes the instruments of the meter <see cref="WeirInstruments.MeterName"/>.</summary>
    /// <param name="builder">The program's.</param>
    public static MeterProviderBuilder AddWeirInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(WeirInstruments.MeterName);
    }
}
