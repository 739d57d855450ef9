using Weir.Sandbox.Faults;

namespace Weir.Sandbox;

/// <summary>How an <see cref="InMemoryBroker"/> is set up.</summary>
public sealed record InMemoryBrokerOptions
{
    /// <summary>The port on the loopback interface; 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether a topic that a client asks about, or writes to, is made if it is not there; true by default, as in Kafka.</summary>
    public bool CreatesTopics { get; init; } = true;

    /// <summary>Partitions of a topic that is made so, or that a client makes without saying how many; 1 by default, as in Kafka.</summary>
    public int DefaultPartitions { get; init; } = 1;

    /// <summary>What goes wrong; null, the default, is nothing.</summary>
    public FaultPlan? Faults { get; init; }

    /// <summary>Tells the time; the system's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
