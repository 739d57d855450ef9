using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Weir.Sandbox.Apis;
using Weir.Sandbox.Faults;

namespace Weir.Sandbox.Wire;

/// <summary>One client's connection: reads a frame, has it answered, writes the response, and then reads the next one, as a Kafka broker does.</summary>
/// <remarks>A frame that is malformed, too large, or asks what is not spoken ends this connection, and nothing else.</remarks>
internal sealed class Connection(Socket socket, BrokerState broker) : IDisposable
{
    /// <summary>The largest request: what Kafka allows by default (socket.request.max.bytes).</summary>
    public const int FrameBytesMax = 100 << 20;

    // Rented at once for a frame of any length; a larger one's buffer grows with what has come, so that a length alone allocates nothing.
    private const int FirstBytes = 64 << 10;

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);

    /// <summary>Serves until the client goes or errs, or the broker ends.</summary>
    public async Task ServeAsync(CancellationToken ended)
    {
        try
        {
            while (true)
            {
                int length = await ReadFrameAsync(ended).ConfigureAwait(false);
                await AnswerAsync(_buffer.AsMemory(0, length), ended).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is IOException or MalformedFrameException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, speaks what is not understood, or the broker ends.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            Dispose();
        }
    }

    public void Dispose() => _stream.Dispose();

    private async ValueTask<int> ReadFrameAsync(CancellationToken ended)
    {
        await _stream.ReadExactlyAsync(_buffer.AsMemory(0, sizeof(int)), ended).ConfigureAwait(false);
        int length = BinaryPrimitives.ReadInt32BigEndian(_buffer);
        if (length is < 0 or > FrameBytesMax)
        {
            throw new MalformedFrameException($"a frame of {length} bytes");
        }
        for (int read = 0; read < length;)
        {
            if (read == _buffer.Length)
            {
                byte[] full = _buffer;
                _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(length, 2 * full.Length));
                full.CopyTo(_buffer, 0);
                ArrayPool<byte>.Shared.Return(full);
            }
            int part = Math.Min(length, _buffer.Length) - read;
            await _stream.ReadExactlyAsync(_buffer.AsMemory(read, part), ended).ConfigureAwait(false);
            read += part;
        }
        return length;
    }

    private async ValueTask AnswerAsync(ReadOnlyMemory<byte> frame, CancellationToken ended)
    {
        var header = RequestHeader.Read(frame.Span, ApiTable.Find);
        if (ApiTable.Find(header.Key) is not { } api)
        {
            throw new MalformedFrameException($"API {header.Key} is not spoken");
        }
        if (!api.Speaks(header.Version))
        {
            if (header.Key != ApiKey.ApiVersions)
            {
                throw new MalformedFrameException($"version {header.Version} of {header.Key} is not spoken");
            }
            // Whoever asks in a version that is not known here is told in the first one (KIP-511).
            using var refused = new Exchange(broker, header with { Version = 0 }, isFlexible: false, default, ended);
            refused.Response.Int32(header.Correlation);
            ApiVersionsApi.Write(refused.Response, version: 0, ErrorCode.UnsupportedVersion);
            await _stream.WriteAsync(refused.Response.Frame(), ended).ConfigureAwait(false);
            return;
        }
        await broker.StandStillAsync(ended).ConfigureAwait(false);
        var fault = broker.Options.Faults?.For(header.Key);
        await (fault?.Kind switch
        {
            FaultKind.DropBefore => throw new ConnectionDroppedException(),
            FaultKind.Restart => throw Restarted(fault),
            FaultKind.CarryOutLate => throw Later(api, header, frame, fault),
            FaultKind.Stall => StallAsync(fault, ended),
            _ => Task.CompletedTask,
        }).ConfigureAwait(false);
        using var exchange = new Exchange(broker, header, api.IsFlexible(header.Version), frame[header.Length..], ended)
        {
            Refusal = fault is { Kind: FaultKind.Error } ? (ErrorCode)fault.Error : ErrorCode.None,
        };
        await CarryOutAsync(api, exchange).ConfigureAwait(false);
        switch (fault?.Kind)
        {
            case FaultKind.DropAfter:
                throw new ConnectionDroppedException();
            case FaultKind.DelayReply:
                await PauseAsync(fault, ended).ConfigureAwait(false);
                break;
        }
        await broker.StandStillAsync(ended).ConfigureAwait(false);
        if (exchange.IsAnswered)
        {
            await _stream.WriteAsync(exchange.Response.Frame(), ended).ConfigureAwait(false);
        }
    }

    private static async Task CarryOutAsync(Api api, Exchange exchange)
    {
        exchange.Response.Int32(exchange.Header.Correlation);
        if (api.Key != ApiKey.ApiVersions)
        {
            exchange.Response.Tags(); // Of the header; that of ApiVersions has none, so that every client can read it.
        }
        await api.Handle(exchange).ConfigureAwait(false);
    }

    private Task PauseAsync(Fault fault, CancellationToken ended) => fault.Until?.WaitAsync(ended) ?? Task.Delay(fault.For, broker.Options.Time, ended);

    private async Task StallAsync(Fault fault, CancellationToken ended)
    {
        broker.StandStill(PauseAsync(fault, ended));
        await broker.StandStillAsync(ended).ConfigureAwait(false);
    }

    private ConnectionDroppedException Restarted(Fault fault)
    {
        broker.Restart(fault.For);
        return new ConnectionDroppedException();
    }

    private ConnectionDroppedException Later(Api api, RequestHeader header, ReadOnlyMemory<byte> frame, Fault fault)
    {
        byte[] kept = frame.ToArray(); // The buffer goes with the connection.
        _ = Task.Run(async () =>
        {
            await PauseAsync(fault, CancellationToken.None).ConfigureAwait(false);
            using var exchange = new Exchange(broker, header, api.IsFlexible(header.Version), kept.AsMemory(header.Length), CancellationToken.None);
            await CarryOutAsync(api, exchange).ConfigureAwait(false);
        });
        return new ConnectionDroppedException();
    }
}

/// <summary>A fault ends the connection.</summary>
internal sealed class ConnectionDroppedException() : IOException("A fault is planned: the connection breaks.");
