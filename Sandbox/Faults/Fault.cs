namespace Weir.Sandbox.Faults;

/// <summary>Something that goes wrong with requests of one kind.</summary>
/// <param name="Kind">What.</param>
public sealed record Fault(FaultKind Kind)
{
    /// <summary>The requests it may hit; null, the default, is all but those that a connection begins with (<see cref="ApiKey.ApiVersions"/>).</summary>
    public ApiKey? Api { get; init; }

    /// <summary>How many requests it hits. 1 by default.</summary>
    public int Times { get; init; } = 1;

    /// <summary>How likely it is that a request is hit that may be. 1, the default, hits the next one.</summary>
    public double Chance { get; init; } = 1;

    /// <summary>How late a reply or a request comes, or how long the broker stalls or is away. 100 ms by default.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A late reply or request waits for this instead of <see cref="For"/>; null by default.</summary>
    public Task? Until { get; init; }

    /// <summary>The error that is answered, by its number in the protocol (kafka.apache.org/protocol, Error Codes). 15, the default, is COORDINATOR_NOT_AVAILABLE.</summary>
    public short Error { get; init; } = 15;
}
