using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Hosting.Web;

/// <summary>What may be done to the jobs over the management port, by who shows the token.</summary>
internal sealed class ActionRoutes(JobActions actions, ManagementToken token, ILogger<ManagementServer> logger)
{
    private const string Scheme = "Bearer ";

    public void MapOn(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/jobs/{job}/savepoint", context => ActAsync(context, ManagementJson.Default.SavepointWish, ManagementJson.Default.SavepointMade, actions.TakeSavepointAsync));
        routes.MapPost("/jobs/{job}/stop", context => ActAsync(context, ManagementJson.Default.StopWish, ManagementJson.Default.JobStopped, actions.StopAsync));
        routes.MapPost("/stop", StopProgramAsync);
    }

    private async Task StopProgramAsync(HttpContext context)
    {
        if (!await IsAllowedAsync(context).ConfigureAwait(false))
        {
            return;
        }
        logger.Asked("stop the program");
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await context.Response.CompleteAsync().ConfigureAwait(false);
        actions.StopProgram();
    }

    private async Task ActAsync<TWish, TDone>(HttpContext context, JsonTypeInfo<TWish> wishes, JsonTypeInfo<TDone> answers, Func<string, TWish, CancellationToken, Task<TDone>> act)
        where TWish : class, new()
    {
        if (!await IsAllowedAsync(context).ConfigureAwait(false))
        {
            return;
        }
        string job = (string)context.Request.RouteValues["job"]!;
        if (!actions.Has(job))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"No job '{job}' runs here: /jobs lists those that do.", ExitCode.Configuration).ConfigureAwait(false);
            return;
        }
        try
        {
            var wish = context.Request.ContentLength is 0 ? new TWish() : await JsonSerializer.DeserializeAsync(context.Request.Body, wishes, context.RequestAborted).ConfigureAwait(false) ?? new TWish();
            logger.Asked($"{job}: {wish}");
            await ManagementAnswer.WriteAsync(context, StatusCodes.Status200OK, await act(job, wish, context.RequestAborted).ConfigureAwait(false), answers).ConfigureAwait(false);
        }
        catch (BadHttpRequestException refused)
        {
            await RefuseAsync(context, refused.StatusCode, $"The request can't be read: {refused.Message.TrimEnd('.')}.", ExitCode.Configuration).ConfigureAwait(false);
        }
        catch (JsonException refused)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The request is not understood: {refused.Message.TrimEnd('.')}.", ExitCode.Configuration).ConfigureAwait(false);
        }
        catch (ArgumentException refused)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, refused.Message, ExitCode.Configuration).ConfigureAwait(false);
        }
        catch (JobException refused)
        {
            await RefuseAsync(context, StatusCodes.Status409Conflict, refused.Message, ExitCode.Of(refused.Reason)).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsAllowedAsync(HttpContext context)
    {
        if (token.Problem is { } problem)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, problem, ExitCode.Unreachable).ConfigureAwait(false);
            return false;
        }
        string shown = context.Request.Headers.Authorization.ToString();
        if (shown.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && token.Is(shown[Scheme.Length..].Trim()))
        {
            return true;
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        await RefuseAsync(context, StatusCodes.Status401Unauthorized, $"Actions need the token in {token.Path}, as Authorization: Bearer.", ExitCode.Unreachable).ConfigureAwait(false);
        return false;
    }

    private static Task RefuseAsync(HttpContext context, int status, string sentence, int exitCode) =>
        ManagementAnswer.WriteAsync(context, status, new ManagementError(sentence, exitCode), ManagementJson.Default.ManagementError);
}
