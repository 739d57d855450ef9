using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Weir.Tests.Doubles;

/// <summary>What happens to one try of a call.</summary>
internal enum BlobFault
{
    None,

    /// <summary>The service is busy; nothing was done.</summary>
    Busy,

    /// <summary>It was done, and the answer is lost.</summary>
    AnswerLost,

    /// <summary>The connection breaks before all has arrived; nothing was done.</summary>
    Cut,

    /// <summary>Nothing is answered, and nothing was done.</summary>
    Silence,

    /// <summary>It takes its time, on a slow link, and succeeds.</summary>
    Slow,
}

/// <summary>Lets tries of calls to a blob service fail, below the client's own retries.</summary>
/// <param name="choose">What happens to a try: by its request and its number, from 1.</param>
internal sealed class BlobFaultPolicy(Func<Request, int, BlobFault> choose) : HttpPipelinePolicy
{
    private readonly ConcurrentDictionary<string, int> _tries = new(StringComparer.Ordinal);
    private static readonly TimeSpan SlowBy = TimeSpan.FromMilliseconds(30);

    private int _injected;

    public int Injected => _injected;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("Nothing here calls the service and waits.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var fault = choose(message.Request, _tries.AddOrUpdate(message.Request.ClientRequestId, 1, static (_, count) => count + 1));
        Interlocked.Add(ref _injected, fault == BlobFault.None ? 0 : 1);
        switch (fault)
        {
            case BlobFault.Busy:
                message.Response = new BusyResponse(message.Request.ClientRequestId);
                return;
            case BlobFault.Cut:
                throw new IOException("The connection was cut.");
            case BlobFault.Slow:
                await Task.Delay(SlowBy, message.CancellationToken);
                break;
            case BlobFault.Silence:
                await Task.Delay(System.Threading.Timeout.Infinite, message.CancellationToken);
                return;
        }
        await ProcessNextAsync(message, pipeline);
        if (fault == BlobFault.AnswerLost)
        {
            throw new IOException("The answer was lost.");
        }
    }

    private sealed class BusyResponse(string request) : Response
    {
        public override int Status => 503;

        public override bool IsError => true;

        public override string ReasonPhrase => "The server is busy.";

        public override Stream? ContentStream { get; set; }

        public override string ClientRequestId { get; set; } = request;

        public override void Dispose()
        {
        }

        protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [new HttpHeader("x-ms-error-code", "ServerBusy")];

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
        {
            value = name.Equals("x-ms-error-code", StringComparison.OrdinalIgnoreCase) ? "ServerBusy" : null;
            return value is not null;
        }

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = TryGetHeader(name, out string? value) ? [value] : null;
            return values is not null;
        }
    }
}
