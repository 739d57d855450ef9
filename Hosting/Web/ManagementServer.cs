using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Weir.Hosting.Web;

/// <summary>A small web server of its own beside the jobs, so that a worker needs no web application for its health checks.</summary>
/// <remarks>It opens before the jobs start: a port in use ends the program before anything runs.</remarks>
internal sealed class ManagementServer(
    IOptions<WeirOptions> options, HealthCheckService health, Startup startup, Liveness liveness, HostStatusReading status, MetricsEndpoint metrics, ActionRoutes actions, ManagementToken token, ProgramEnd end, ILoggerFactory loggers)
    : OutlivingService, IAsyncDisposable
{
    // A request is a name and a few words.
    private const long BodyBytesMax = 16 * 1024;

    private readonly List<string> _paths = [];
    private WebApplication? _server;

    /// <summary>Where it listens, once it does: the port is the one it got.</summary>
    public string? Url => _server?.Urls.FirstOrDefault();

    public override async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Management.Enabled)
        {
            return;
        }
        token.LoadOrMake();
        var logger = loggers.CreateLogger<ManagementServer>();
        if (token.Problem is { } problem)
        {
            logger.NoActions(problem);
        }
        string url = options.Value.Management.Url;
        _server = Create(url);
        try
        {
            await _server.StartAsync(cancellationToken).ConfigureAwait(false);
            logger.Listening(Url ?? url);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or InvalidOperationException or FormatException)
        {
            end.Fail(
                ExitCode.Configuration,
                $"The management port can't be opened at {url}: {failure.Message.TrimEnd('.')}. Set Weir:Management:Url to a free one, or Weir:Management:Enabled to false.");
        }
    }

    // Last of all: probes are answered while jobs take their last checkpoints.
    public override Task StoppedAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private WebApplication Create(string url)
    {
        // Nothing but the server and its routes: no configuration files, no console life time of its own.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.Limits.MaxRequestBodySize = BodyBytesMax;
            server.AddServerHeader = false;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var server = builder.Build();
        server.Urls.Add(url);
        server.UseRouting();
        Map(server);
        return server;
    }

    private void Map(WebApplication server)
    {
        MapGet(server, "/health/startup", context => AnswerAsync(context, startup.Waiting));
        MapGet(server, "/health/live", context => AnswerAsync(context, liveness.Failure));
        MapGet(server, "/health/ready", AnswerReadyAsync);
        MapGet(server, "/jobs", context => ManagementAnswer.WriteAsync(context, StatusCodes.Status200OK, status.Read(), ManagementJson.Default.HostStatus));
        if (metrics.Path is { } path)
        {
            MapGet(server, path, metrics.AnswerAsync);
        }
        actions.MapOn(server);
        server.MapFallback("{**path}", context => ManagementAnswer.WriteAsync(context, StatusCodes.Status404NotFound, $"There is {string.Join(", ", _paths)}."));
    }

    private void MapGet(WebApplication server, string path, RequestDelegate answer)
    {
        _paths.Add(path);
        server.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], answer);
    }

    private static Task AnswerAsync(HttpContext context, string? failure) => failure is null
        ? ManagementAnswer.WriteAsync(context, StatusCodes.Status200OK, nameof(HealthStatus.Healthy))
        : ManagementAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, failure);

    private async Task AnswerReadyAsync(HttpContext context)
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains(JobsHealthCheck.ReadyTag), context.RequestAborted).ConfigureAwait(false);
        var text = new StringBuilder(report.Status.ToString());
        foreach (var (name, entry) in report.Entries)
        {
            text.Append('\n').Append(name).Append(": ").Append(entry.Status).Append(' ').Append(entry.Description);
        }
        int code = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        await ManagementAnswer.WriteAsync(context, code, text.ToString()).ConfigureAwait(false);
    }

    /// <summary>The program's own host minds signals.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
