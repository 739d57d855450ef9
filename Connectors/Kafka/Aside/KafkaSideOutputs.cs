using Weir.Connectors.Kafka.Aside;

namespace Weir.Connectors.Kafka;

/// <summary>The side outputs of a source that reads Kafka: read them with <see cref="DataStream{T}.SideOutput{TSide}(OutputTag{TSide})"/> right behind <c>FromKafka</c>.</summary>
public static class KafkaSideOutputs
{
    /// <summary>Messages that the source's codec could not read, where its <see cref="KafkaSourceOptions.OnUndecodable"/> sends them here.</summary>
    public static OutputTag<UndecodableMessage> Undecodable { get; } = new("undecodable", new UndecodableMessageCodec());

    /// <summary>Ranges of records that were gone before they were read, where the source's <see cref="KafkaSourceOptions.OnDataLoss"/> lets it go on. It need not be read: the log and the counter say it, too.</summary>
    public static OutputTag<LostRecords> Lost { get; } = new("lost", new LostRecordsCodec());
}
