using System.Runtime.InteropServices;
using Weir.Connectors.Kafka.Native;

namespace Weir.Connectors.Kafka;

/// <summary>What one call of the client answered.</summary>
/// <param name="Code">librdkafka's code: negative ones are the client's own, positive ones a broker's; 0 is success.</param>
/// <param name="Text">What it says, for people.</param>
/// <param name="IsFatal">The client instance is of no further use.</param>
/// <param name="IsRetriable">The same call may be made again.</param>
/// <param name="RequiresAbort">The open transaction can only be aborted.</param>
internal readonly record struct KafkaError(int Code, string Text, bool IsFatal = false, bool IsRetriable = false, bool RequiresAbort = false)
{
    public bool IsNone => Code == 0;

    public KafkaFault Fault => KafkaFaults.Classify(Code, Text);

    /// <summary>Reads an <c>rd_kafka_error_t*</c> and destroys it.</summary>
    public static unsafe KafkaError Take(nint error)
    {
        if (error == 0)
        {
            return default;
        }
        var taken = new KafkaError(
            Librdkafka.rd_kafka_error_code(error),
            Read(Librdkafka.rd_kafka_error_string(error)),
            Librdkafka.rd_kafka_error_is_fatal(error) != 0,
            Librdkafka.rd_kafka_error_is_retriable(error) != 0,
            Librdkafka.rd_kafka_error_txn_requires_abort(error) != 0);
        Librdkafka.rd_kafka_error_destroy(error);
        return taken;
    }

    /// <summary>A bare code with its standard text.</summary>
    public static unsafe KafkaError Of(int code) => code == 0 ? default : new(code, Read(Librdkafka.rd_kafka_err2str(code)));

    /// <summary>What a client reports by an event.</summary>
    public static unsafe KafkaError Reported(nint ev) => new(Librdkafka.rd_kafka_event_error(ev), Read(Librdkafka.rd_kafka_event_error_string(ev)));

    /// <inheritdoc/>
    public override string ToString() => $"{Text} ({Code})";

    private static unsafe string Read(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
