namespace Weir.Sandbox.Wire;

/// <summary>One request and its response.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly bool _isFlexible;

    /// <param name="broker">Who is asked.</param>
    /// <param name="header">The request's header.</param>
    /// <param name="isFlexible">Whether the body is in a flexible version.</param>
    /// <param name="body">What follows the header; valid until the exchange is over.</param>
    /// <param name="ended">The connection or the broker ends: nobody waits for the response any more.</param>
    public Exchange(BrokerState broker, RequestHeader header, bool isFlexible, ReadOnlyMemory<byte> body, CancellationToken ended)
    {
        Broker = broker;
        Header = header;
        _isFlexible = isFlexible;
        _body = body;
        Ended = ended;
        Response = new ResponseWriter(isFlexible);
    }

    public BrokerState Broker { get; }

    public RequestHeader Header { get; }

    public short Version => Header.Version;

    public CancellationToken Ended { get; }

    public ResponseWriter Response { get; }

    /// <summary>The error that is answered instead of doing what is asked; none but where a fault is planned.</summary>
    public ErrorCode Refusal { get; init; }

    /// <summary>Whether there is a response at all: a producer that wants no acknowledgement gets none.</summary>
    public bool IsAnswered { get; set; } = true;

    public RequestReader Read() => new(_body.Span, _isFlexible);

    public void Dispose() => Response.Dispose();
}
