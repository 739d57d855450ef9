using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Weir.Hosting.Web;

/// <summary>Writes what the management port answers; none of it is kept by anybody on the way.</summary>
internal static class ManagementAnswer
{
    public static Task WriteAsync(HttpContext context, int status, string text)
    {
        Begin(context, status, "text/plain; charset=utf-8");
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    public static Task WriteAsync<T>(HttpContext context, int status, T content, JsonTypeInfo<T> type)
    {
        Begin(context, status, "application/json; charset=utf-8");
        return JsonSerializer.SerializeAsync(context.Response.Body, content, type, context.RequestAborted);
    }

    private static void Begin(HttpContext context, int status, string type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-store";
    }
}
