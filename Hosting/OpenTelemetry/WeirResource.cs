using Microsoft.Extensions.Hosting;
using OpenTelemetry.Resources;

namespace Weir.Hosting;

/// <summary>Who it is that measures.</summary>
internal static class WeirResource
{
    /// <summary>What the runtime measures of itself: collections, heap, threads.</summary>
    public const string RuntimeMeter = "System.Runtime";

    /// <summary>The program's name, unless OpenTelemetry's own variables say another.</summary>
    public static void Add(ResourceBuilder resource, IHostEnvironment environment) => resource.AddService(environment.ApplicationName).AddEnvironmentVariableDetector();
}
