using Weir.Runtime;

namespace OpenTelemetry.Trace;

/// <summary>Adds Weir's traces to a program's own OpenTelemetry.</summary>
public static class WeirTracerProviderBuilderExtensions
{
    /// <summary>Takes the activities of the source <see cref="WeirInstruments.ActivitySourceName"/>: a trace for each checkpoint.</summary>
    /// <param name="builder">The program's.</param>
    public static TracerProviderBuilder AddWeirInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(WeirInstruments.ActivitySourceName);
    }
}
