namespace Weir.Hosting;

/// <summary>Where measurements and traces go.</summary>
public sealed class TelemetryOptions
{
    internal const string DefaultPath = "/metrics";

    /// <summary>A collector that measurements and traces are sent to.</summary>
    public OtlpOptions Otlp { get; } = new();

    /// <summary>
    /// Whether Prometheus may ask for measurements on the management port, or the path it asks at. <c>true</c> by default, which is <c>/metrics</c>: it costs nothing until somebody asks. <c>false</c> answers
    /// nobody.
    /// </summary>
    public string Prometheus { get; set; } = "true";

    /// <summary>The path; null where nobody is answered.</summary>
    internal string? PrometheusPath => bool.TryParse(Prometheus, out bool answers) ? (answers ? DefaultPath : null) : Prometheus;
}

/// <summary>A collector that measurements and traces are sent to by OTLP. What is not here, as headers, sampling and intervals, is set by OpenTelemetry's own variables (<c>OTEL_..</c>).</summary>
public sealed class OtlpOptions
{
    internal const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// The collector's address, such as <c>http://localhost:4317</c>, without a path of its own for each signal. Empty by default: nothing is sent, and nothing of it loaded. <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is taken where this
    /// is not set.
    /// </summary>
    public string Endpoint { get; set; } = "";

    /// <summary>How to talk to it. Null by default: as <c>OTEL_EXPORTER_OTLP_PROTOCOL</c> says, or <see cref="OtlpProtocol.Grpc"/>.</summary>
    public OtlpProtocol? Protocol { get; set; }

    /// <summary>Whether the program can send.</summary>
    internal bool IsThere { get; set; }

    /// <summary>Whether only the variable that all programs share says where to.</summary>
    internal bool IsFromVariable { get; set; }
}

/// <summary>How measurements and traces are sent.</summary>
public enum OtlpProtocol
{
    /// <summary>By gRPC, at port 4317 by custom.</summary>
    Grpc,

    /// <summary>By HTTP with protobuf, at port 4318 by custom, below <c>v1/metrics</c> and <c>v1/traces</c>.</summary>
    HttpProtobuf,
}
