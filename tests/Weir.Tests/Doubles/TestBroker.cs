using System.Diagnostics;
using Weir.Tests.Doubles;

[assembly: AssemblyFixture(typeof(SandboxBroker))]
[assembly: AssemblyFixture(typeof(RealBroker))]
[assembly: AssemblyFixture(typeof(AnyBroker))]

namespace Weir.Tests.Doubles;

/// <summary>A broker for the tests that need one: started when the first of them asks, shared by all, stopped at the end of the run.</summary>
/// <remarks>Tests take the kind that they need; those that rest on what Kafka itself does run twice, as <c>...OnSandbox</c> and <c>...OnKafka</c>: a difference is a fault of the embedded one.</remarks>
public abstract class TestBroker : IAsyncDisposable
{
    private readonly Lazy<Task<IBrokerHome>> _home;

    private protected TestBroker() => _home = new(FindAsync);

    /// <summary>Where the broker is.</summary>
    public async Task<string> BootstrapAsync() => (await _home.Value).Bootstrap;

    /// <summary>Where the broker asks for user <c>weir</c> and password <c>right</c> by SASL PLAIN; skips the test where it does nowhere.</summary>
    public async Task<string> SaslBootstrapAsync()
    {
        string? bootstrap = (await _home.Value).SaslBootstrap;
        Assert.SkipWhen(bootstrap is null, "This broker asks nobody for a password: one that is started from KAFKA_HOME does.");
        return bootstrap;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_home is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _home.Value).DisposeAsync();
        }
    }

    /// <summary>The ways to have one, the best first.</summary>
    private protected abstract Func<Task<IBrokerHome>>[] Ways { get; }

    private async Task<IBrokerHome> FindAsync()
    {
        var reasons = new List<string>();
        foreach (var start in Ways)
        {
            try
            {
                var clock = Stopwatch.StartNew();
                var home = await start();
                string others = reasons.Count > 0 ? $" (no other: {string.Join("; ", reasons)})" : "";
                Console.WriteLine($"Kafka for tests: {home.Name} at {home.Bootstrap}, ready after {clock.ElapsedMilliseconds} ms{others}");
                return home;
            }
            catch (NoBrokerException none)
            {
                reasons.Add(none.Message);
            }
        }
        string missing = $"No real Kafka was found: {string.Join("; ", reasons)}.";
        Console.WriteLine(missing);
        Assert.Skip(missing);
        throw new NoBrokerException(missing);
    }
}

/// <summary>The embedded broker.</summary>
public sealed class SandboxBroker : TestBroker
{
    private protected override Func<Task<IBrokerHome>>[] Ways => [EmbeddedBroker.StartAsync];
}

/// <summary>
/// A real Kafka: the brokers that <c>WEIR_TEST_KAFKA</c> names; an unpacked Kafka at <c>KAFKA_HOME</c>, with Java on the path; Docker, where
/// <c>WEIR_TEST_DOCKER</c> or <c>CI</c> is set. Where there is none, its tests are skipped, and say so.
/// </summary>
public sealed class RealBroker : TestBroker
{
    private protected override Func<Task<IBrokerHome>>[] Ways => [GivenBroker.StartAsync, KafkaFolderBroker.StartAsync, DockerBroker.StartAsync];
}

/// <summary>A real Kafka, or where there is none the embedded broker.</summary>
public sealed class AnyBroker : TestBroker
{
    private protected override Func<Task<IBrokerHome>>[] Ways => [GivenBroker.StartAsync, KafkaFolderBroker.StartAsync, DockerBroker.StartAsync, EmbeddedBroker.StartAsync];
}

/// <summary>One way to have a broker.</summary>
internal interface IBrokerHome : IAsyncDisposable
{
    string Name { get; }

    string Bootstrap { get; }

    /// <summary>Its listener for clients with a password, or null.</summary>
    string? SaslBootstrap => null;
}

/// <summary>Why one way to have a broker is not open here.</summary>
internal sealed class NoBrokerException(string message) : Exception(message);

/// <summary>A broker that runs already.</summary>
internal sealed class GivenBroker(string bootstrap) : IBrokerHome
{
    public string Name => "the one that WEIR_TEST_KAFKA names";

    public string Bootstrap => bootstrap;

    public static Task<IBrokerHome> StartAsync() => Environment.GetEnvironmentVariable("WEIR_TEST_KAFKA") is { Length: > 0 } bootstrap
        ? Task.FromResult<IBrokerHome>(new GivenBroker(bootstrap))
        : throw new NoBrokerException("WEIR_TEST_KAFKA is not set");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
