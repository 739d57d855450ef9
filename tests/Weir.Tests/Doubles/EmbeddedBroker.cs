using Weir.Sandbox;

namespace Weir.Tests.Doubles;

/// <summary>The broker that Weir brings along, in this process.</summary>
internal sealed class EmbeddedBroker(InMemoryBroker broker) : IBrokerHome
{
    public string Name => "the embedded broker";

    public string Bootstrap => broker.BootstrapServers;

    public static Task<IBrokerHome> StartAsync() => Task.FromResult<IBrokerHome>(new EmbeddedBroker(InMemoryBroker.Start()));

    public ValueTask DisposeAsync() => broker.DisposeAsync();
}
