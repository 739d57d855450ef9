using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Weir.Tests.Hosting;

/// <summary>A collector of OTLP in this process: keeps what is sent to it, and says that it is well.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, string? Type, byte[] Body)> _requests = [];
    private readonly WebApplication _server;

    private Collector(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        _server = builder.Build();
        _server.Run(TakeAsync);
    }

    public Uri Address => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<Collector> StartAsync(HttpProtocols protocols)
    {
        var collector = new Collector(protocols);
        await collector._server.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>All that was sent to a path, as text: names in protobuf are readable.</summary>
    public string At(string path, string type)
    {
        var sent = _requests.Where(request => request.Path == path && request.Type == type).ToList();
        Assert.True(sent.Count > 0, $"Nothing came to {path} as {type}, but to {string.Join(", ", _requests.Select(request => $"{request.Path} as {request.Type}"))}");
        return string.Concat(sent.Select(request => Encoding.Latin1.GetString(request.Body)));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _requests.Enqueue((context.Request.Path, context.Request.ContentType, body.ToArray()));
        context.Response.ContentType = context.Request.ContentType;
        if (HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted); // An empty message.
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
