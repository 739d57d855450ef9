using Microsoft.Extensions.DependencyInjection;
using Weir.Hosting;
using Weir.Hosting.Web;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the management port to a program.</summary>
public static class WeirManagementExtensions
{
    /// <summary>Answers <c>/health/live</c>, <c>/health/ready</c> and, for Prometheus, <c>/metrics</c> on <c>Weir:Management:Url</c>. A web application maps its health checks itself and needs none of this.</summary>
    /// <param name="builder">What <c>AddWeir</c> returned.</param>
    public static WeirBuilder AddManagement(this WeirBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<MetricsEndpoint>();
        builder.Services.AddHostedService<ManagementServer>();
        return builder;
    }
}
