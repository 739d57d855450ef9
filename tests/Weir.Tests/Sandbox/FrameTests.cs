using System.Net.Sockets;
using Confluent.Kafka;
using Weir.Sandbox;
using Weir.Sandbox.Apis;
using Weir.Sandbox.Wire;

namespace Weir.Tests.Sandbox;

public sealed class FrameTests
{
    private const int Frames = 100_000;
    private const int BodyBytesMax = 200;

    /// <summary>Bytes that no client sends are refused as malformed, or are a request after all: nothing else comes of them, and little memory.</summary>
    [Fact]
    public async Task Any_bytes_are_a_request_or_malformed()
    {
        var broker = new BrokerState(new InMemoryBrokerOptions { CreatesTopics = false }, port: 1, _ => { });
        var chance = new Random(1);
        int refused = 0;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int frame = 0; frame < Frames; frame++)
        {
            var api = ApiTable.All[chance.Next(ApiTable.All.Count)];
            short version = (short)chance.Next(api.VersionMin, api.VersionMax + 1);
            byte[] body = LikelyBytes(chance);
            // Ended from the start: a fetch that would wait does not.
            using var exchange = new Exchange(broker, new RequestHeader(api.Key, version, 1, null, 0), api.IsFlexible(version), body, new CancellationToken(canceled: true));
            try
            {
                await api.Handle(exchange);
            }
            catch (Exception end) when (end is MalformedFrameException or OperationCanceledException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, Frames / 10, Frames * 9 / 10);
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < Frames * 20_000L);
    }

    [Fact]
    public async Task A_malformed_frame_ends_its_connection_and_nothing_else()
    {
        await using var broker = InMemoryBroker.Start();
        string[] address = broker.BootstrapServers.Split(':');
        byte[][] frames =
        [
            [0x7f, 0xff, 0xff, 0xff],                                   // longer than any request may be
            [0xff, 0xff, 0xff, 0xff],                                   // of negative length
            [0, 0, 0, 4, 0, 3, 0, 12],                                  // ends within its header
            [0, 0, 0, 10, 0, 99, 0, 0, 0, 0, 0, 1, 0xff, 0xff],         // asks an API that is not spoken
            [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff], // two thousand million topics
        ];
        foreach (byte[] frame in frames)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address[0], int.Parse(address[1], null), TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(frame, TestContext.Current.CancellationToken);
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        }
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        Assert.Single(admin.GetMetadata(TimeSpan.FromSeconds(60)).Brokers);
    }

    // Zeros and small numbers are lengths and versions that lead on; the rest is by chance.
    private static byte[] LikelyBytes(Random chance)
    {
        byte[] bytes = new byte[chance.Next(BodyBytesMax)];
        for (int index = 0; index < bytes.Length; index++)
        {
            bytes[index] = (byte)(chance.Next(4) switch { 0 or 1 => 0, 2 => chance.Next(6), _ => chance.Next(256) });
        }
        return bytes;
    }
}
