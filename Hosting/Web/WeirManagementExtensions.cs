using Microsoft.Extensions.DependencyInjection;
using Weir.Hosting;
using Weir.Hosting.Web;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the management port to a program.</summary>
public static class WeirManagementExtensions
{
    /// <summary>
    /// Answers <c>/health/startup</c>, <c>/health/live</c>, <c>/health/ready</c>, <c>/jobs</c> and, for Prometheus, <c>/metrics</c> on <c>Weir:Management:Url</c>, and takes savepoints and stops jobs for who knows the token
    /// (<see cref="ManagementOptions.TokenFile"/>): the command line's <c>status</c>, <c>savepoint</c> and <c>stop</c>. A web application maps its health checks itself.
    /// </summary>
    /// <param name="builder">What <c>AddWeir</c> returned.</param>
    public static WeirBuilder AddManagement(this WeirBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<MetricsEndpoint>();
        builder.Services.AddSingleton<ActionRoutes>();
        builder.Services.AddHostedService<ManagementServer>();
        return builder;
    }
}
