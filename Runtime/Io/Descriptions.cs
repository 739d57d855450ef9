namespace Weir.Runtime;

/// <summary>A source as the graph holds it: a description, opened anew for each attempt.</summary>
/// <typeparam name="T">The record.</typeparam>
public abstract class SourceDescription<T>(string name)
{
    /// <summary>The source's name within the job; its default operator id.</summary>
    public string Name { get; } = name;

    /// <summary>How records are stored in flight, where the source knows it; else the job's registry is asked.</summary>
    public virtual Codec<T>? Records => null;

    /// <summary>Opens it.</summary>
    public abstract ISource<T> Open(IConnectors connectors);
}

/// <summary>A source that reads a log, such as a Kafka topic.</summary>
/// <typeparam name="T">The record.</typeparam>
public sealed class LogSource<T>(string name, MessageCodec<T> messages) : SourceDescription<T>(name)
{
    /// <summary>Message to record.</summary>
    public MessageCodec<T> Messages { get; } = messages;

    /// <inheritdoc/>
    public override Codec<T>? Records => Messages.Records;

    /// <inheritdoc/>
    public override ISource<T> Open(IConnectors connectors) => connectors.OpenSource(this);
}

/// <summary>A sink as the graph holds it.</summary>
/// <typeparam name="T">The record.</typeparam>
public abstract class SinkDescription<T>(string name)
{
    /// <summary>The sink's name within the job; its default operator id.</summary>
    public string Name { get; } = name;

    /// <summary>Whether it is transactional, as far as the graph must know before it is opened.</summary>
    public virtual bool IsTransactional => false;

    /// <summary>Opens it.</summary>
    public abstract ISink<T> Open(IConnectors connectors);
}

/// <summary>Chooses the partition of a record.</summary>
/// <param name="record">The record.</param>
/// <param name="partitions">How many there are.</param>
public delegate int PartitionChoice<T>(in T record, int partitions);

/// <summary>A sink that writes a log, such as a Kafka topic.</summary>
/// <typeparam name="T">The record.</typeparam>
public sealed class LogSink<T>(string name, MessageCodec<T> messages, PartitionChoice<T>? partition, bool exactlyOnce = true) : SinkDescription<T>(name)
{
    /// <summary>Record to message.</summary>
    public MessageCodec<T> Messages { get; } = messages;

    /// <summary>Chooses the partition; null leaves it to the key's hash (murmur2, as Kafka's Java client does), or to chance where there is no key.</summary>
    public PartitionChoice<T>? Partition { get; } = partition;

    /// <inheritdoc/>
    public override bool IsTransactional { get; } = exactlyOnce;

    /// <inheritdoc/>
    public override ISink<T> Open(IConnectors connectors) => connectors.OpenSink(this);
}
