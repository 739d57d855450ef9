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
internal sealed class ManagementServer(IOptions<WeirOptions> options, HealthCheckService health, Liveness liveness, MetricsEndpoint metrics, ProgramEnd end, ILoggerFactory loggers) : IHostedLifecycleService, IAsyncDisposable
{
    private const string LivePath = "/health/live";
    private const string ReadyPath = "/health/ready";

    private WebApplication? _server;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Management.Enabled)
        {
            return;
        }
        string url = options.Value.Management.Url;
        _server = Create(url);
        try
        {
            await _server.StartAsync(cancellationToken).ConfigureAwait(false);
            loggers.CreateLogger<ManagementServer>().Listening(url);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or InvalidOperationException or FormatException)
        {
            end.Fail(
                ExitCode.Configuration,
                $"The management port can't be opened at {url}: {failure.Message.TrimEnd('.')}. Set Weir:Management:Url to a free one, or Weir:Management:Enabled to false.");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Last of all: probes are answered while jobs take their last checkpoints.
    public Task StoppedAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private WebApplication Create(string url)
    {
        // Nothing but the server: no routing, no configuration files, no console life time of its own.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var server = builder.Build();
        server.Urls.Add(url);
        server.Run(AnswerAsync);
        return server;
    }

    private Task AnswerAsync(HttpContext context) => (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method), context.Request.Path.Value) switch
    {
        (true, LivePath) => liveness.Failure is { } failure
            ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, failure)
            : WriteAsync(context, StatusCodes.Status200OK, nameof(HealthStatus.Healthy)),
        (true, ReadyPath) => AnswerReadyAsync(context),
        (true, { } path) when path == metrics.Path => metrics.AnswerAsync(context),
        _ => WriteAsync(context, StatusCodes.Status404NotFound, $"There is {LivePath} and {ReadyPath}."),
    };

    private async Task AnswerReadyAsync(HttpContext context)
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains(JobsHealthCheck.ReadyTag), context.RequestAborted).ConfigureAwait(false);
        var text = new StringBuilder(report.Status.ToString());
        foreach (var (name, entry) in report.Entries)
        {
            text.Append('\n').Append(name).Append(": ").Append(entry.Status).Append(' ').Append(entry.Description);
        }
        int status = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        await WriteAsync(context, status, text.ToString()).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>The program's own host minds signals.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
