using Weir.Runtime;

namespace Weir.Connectors.Kafka.Aside;

/// <summary>Where undecodable messages of a source go that are to be kept in a topic: a sink of the job as any other, so that they are there once, with the output of the same checkpoint.</summary>
internal static class DeadLetters
{
    /// <summary>The name of the sink: by it the settings choose its topic.</summary>
    public static string SinkOf(string source) => $"{source}-dead-letters";

    public static void Add<T>(string source, DataStream<T> stream) =>
        stream.SideOutput(KafkaSideOutputs.Undecodable).To(new LogSink<UndecodableMessage>(SinkOf(source), new DeadLetterMessages(), partition: null));
}

/// <summary>Writes an undecodable message as it was read.</summary>
internal sealed class DeadLetterMessages : MessageCodec<UndecodableMessage>
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
}
