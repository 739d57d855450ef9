using System.Globalization;
using System.Text;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Aside;

/// <summary>Where undecodable messages of a source go that are to be kept in a topic: a sink of the job as any other, so that they are there once, with the output of the same checkpoint.</summary>
internal static class DeadLetters
{
    /// <summary>The name of the sink: by it the settings choose its topic.</summary>
    public static string SinkOf(string source) => $"{source}-dead-letters";

    public static void Add<T>(JobBuilder job, string source, DataStream<T> stream) =>
        stream.SideOutput(KafkaSideOutputs.Undecodable).To(new LogSink<UndecodableMessage>(SinkOf(source), new DeadLetterMessages(job.Name), partition: null));
}

/// <summary>Writes an undecodable message as it was read, its headers first, and says in further ones where it was and why it is here.</summary>
internal sealed class DeadLetterMessages(string job) : MessageCodec<UndecodableMessage>
{
    public override Codec<UndecodableMessage> Records { get; } = new UndecodableMessageCodec();

    public override UndecodableMessage Decode(in Message message) => throw new NotSupportedException("Dead letters are only written.");

    public override bool EncodeValue(in UndecodableMessage record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.Append(record.Value.GetValueOrDefault().Span);
        return record.Value is not null;
    }

    public override bool EncodeKey(in UndecodableMessage record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.Append(record.Key.GetValueOrDefault().Span);
        return record.Key is not null;
    }

    public override void EncodeHeaders(in UndecodableMessage record, ReadOnlySpan<byte> bytes, HeaderOutput headers)
    {
        foreach (var (name, value) in record.Headers)
        {
            if (value is { } given)
            {
                headers.Add(Encoding.UTF8.GetBytes(name), given.Span);
            }
            else
            {
                headers.AddNull(Encoding.UTF8.GetBytes(name));
            }
        }
        Add("weir.dead-letter.cause"u8, record.Cause, headers);
        Add("weir.dead-letter.job"u8, job, headers);
        Add("weir.dead-letter.topic"u8, record.Topic, headers);
        Add("weir.dead-letter.partition"u8, record.Partition.ToString(CultureInfo.InvariantCulture), headers);
        Add("weir.dead-letter.offset"u8, record.Offset.ToString(CultureInfo.InvariantCulture), headers);
    }

    /// <summary>The time of the message, so that it can be read back to its place.</summary>
    public override long TimestampOf(in UndecodableMessage record, long timestamp) => record.Timestamp;

    private static void Add(ReadOnlySpan<byte> name, string value, HeaderOutput headers) => headers.Add(name, Encoding.UTF8.GetBytes(value));
}
