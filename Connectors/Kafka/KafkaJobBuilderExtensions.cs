using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Aside;
using Weir.Runtime;

namespace Weir;

/// <summary>Kafka in a job's graph. What is declared is a description: topics, brokers and security come from the job's settings.</summary>
public static class KafkaJobBuilderExtensions
{
    /// <summary>Begins a stream with the values of a topic's messages.</summary>
    /// <param name="job">The job.</param>
    /// <param name="name">The source's name and operator id; the topic has the same name unless the settings say another.</param>
    /// <param name="codec">Reads a message's value, and stores records in flight. A message without a value fails the job: read such topics with a <see cref="MessageCodec{T}"/>.</param>
    public static DataStream<T> FromKafka<T>(this JobBuilder job, string name, Codec<T> codec) => FromKafka(job, name, new ValueMessages<T>(codec));

    /// <summary>Begins a stream with a topic's messages.</summary>
    /// <param name="job">The job.</param>
    /// <param name="name">The source's name and operator id; the topic has the same name unless the settings say another.</param>
    /// <param name="messages">Message to record.</param>
    public static DataStream<T> FromKafka<T>(this JobBuilder job, string name, MessageCodec<T> messages)
    {
        ArgumentNullException.ThrowIfNull(job);
        var stream = job.From(new LogSource<T>(name, messages));
        if (job.DeadLetterSources.Contains(name))
        {
            DeadLetters.Add(job, name, stream);
        }
        return stream;
    }

    /// <summary>Ends a stream in a topic, exactly-once. A message's key is that of the <c>KeyBy</c> that the sink's task begins with, else it has none.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">The sink's name and operator id; the topic has the same name unless the settings say another.</param>
    /// <param name="codec">Writes a message's value.</param>
    /// <param name="partition">Chooses the partition of a record, given how many there are; by default the key's hash does, as in Kafka's Java client.</param>
    public static DataSink ToKafka<T>(this DataStream<T> stream, string name, Codec<T> codec, Func<T, int, int>? partition = null) =>
        ToKafka(stream, name, new ValueMessages<T>(codec), Choice(partition));

    /// <summary>Ends a stream in a topic, exactly-once, with a key of its own for each message.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">The sink's name and operator id; the topic has the same name unless the settings say another.</param>
    /// <param name="codec">Writes a message's value.</param>
    /// <param name="key">Reads the key of a record; its bytes are those of the key codec in the job's <see cref="JobBuilder.Codecs"/>: integers big-endian, text UTF-8.</param>
    /// <param name="partition">Chooses the partition of a record, given how many there are; by default the key's hash does, as in Kafka's Java client.</param>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: the key's type has no key codec.</exception>
    public static DataSink ToKafka<T, TKey>(this DataStream<T> stream, string name, Codec<T> codec, Func<T, TKey> key, Func<T, int, int>? partition = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(key);
        var keys = stream.Codecs.FindKey<TKey>() ?? throw new JobException(
            JobFailure.Configuration,
            $"The messages of sink '{name}' are keyed by {typeof(TKey).Name}, which has no key codec; key by an integer, Guid, string or byte[], or add one to the job's Codecs first.");
        return ToKafka(stream, name, new KeyedMessages<T, TKey>(codec, key, keys), Choice(partition));
    }

    /// <summary>Ends a stream in a topic, exactly-once.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">The sink's name and operator id; the topic has the same name unless the settings say another.</param>
    /// <param name="messages">Record to message.</param>
    /// <param name="partition">Chooses the partition of a record; by default the key's hash does, as in Kafka's Java client.</param>
    public static DataSink ToKafka<T>(this DataStream<T> stream, string name, MessageCodec<T> messages, PartitionChoice<T>? partition = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.To(new LogSink<T>(name, messages, partition));
    }

    private static PartitionChoice<T>? Choice<T>(Func<T, int, int>? partition) =>
        partition is null ? null : (in T record, int partitions) => partition(record, partitions);
}
