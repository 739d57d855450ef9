using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Aside;

/// <summary>Decides about the records of one subtask of a source that can't be decoded.</summary>
/// <remarks>Thread: the one that reads.</remarks>
internal sealed class UndecodableRecords(string job, string source, UndecodableRecord policy, ILogger logger)
{
    private const int ShownBytes = 32;
    private const int CauseMax = 1000;

    private long _refused;
    private long _nextSaid = 1;

    /// <summary>Decodes a message; false where it can't be.</summary>
    /// <param name="messages">Decodes it.</param>
    /// <param name="message">The message.</param>
    /// <param name="record">The record.</param>
    /// <param name="aside">What goes to the side output instead; null where it is to be passed over.</param>
    /// <exception cref="JobException">It can't be, and the job is to fail.</exception>
    public bool TryDecode<T>(MessageCodec<T> messages, in Message message, [MaybeNullWhen(false)] out T record, out UndecodableMessage? aside)
    {
        aside = null;
        try
        {
            record = messages.Decode(in message);
            return true;
        }
#pragma warning disable CA1031 // A user's codec throws what it likes.
        catch (Exception cause) when (cause is not JobException)
#pragma warning restore CA1031
        {
            aside = Refuse(in message, cause);
            record = default;
            return false;
        }
    }

    private UndecodableMessage? Refuse(in Message message, Exception cause)
    {
        if (policy == UndecodableRecord.Fail)
        {
            throw new JobException(
                JobFailure.Permanent,
                $"Source {source}: record {message.Offset} of {message.Topic}-{message.Partition} can't be decoded: {cause.Message.TrimEnd('.')}. Its key is {Shown(message.Key, message.HasKey)}, its value {Shown(message.Value, message.HasValue)}. "
                + $"Mend the codec, or set OnUndecodable of the source: {UndecodableRecord.DeadLetter} keeps such records in a topic of their own, {UndecodableRecord.Skip} passes them over.",
                cause);
        }
        KafkaMetrics.Undecodable(job, source, policy);
        // The first, the tenth, the hundredth: a topic full of them must not fill the log.
        if (++_refused == _nextSaid)
        {
            _nextSaid *= 10;
            logger.RecordRefused(source, message.Offset, $"{message.Topic}-{message.Partition}", Whither, Shown(message.Value, message.HasValue), cause.Message, _refused);
        }
        return policy == UndecodableRecord.Skip ? null : new UndecodableMessage
        {
            Topic = message.Topic,
            Partition = message.Partition,
            Offset = message.Offset,
            Timestamp = message.Timestamp,
            Key = message.HasKey ? new ReadOnlyMemory<byte>(message.Key.ToArray()) : default(ReadOnlyMemory<byte>?),
            Value = message.HasValue ? new ReadOnlyMemory<byte>(message.Value.ToArray()) : default(ReadOnlyMemory<byte>?),
            Headers = HeadersOf(in message),
            Cause = cause.Message.Length > CauseMax ? cause.Message[..CauseMax] : cause.Message,
        };
    }

    private static List<UndecodableHeader> HeadersOf(in Message message)
    {
        var headers = new List<UndecodableHeader>();
        foreach (var header in message.Headers)
        {
            headers.Add(new UndecodableHeader(header.ToString(), header.HasValue ? new ReadOnlyMemory<byte>(header.Value.ToArray()) : default(ReadOnlyMemory<byte>?)));
        }
        return headers;
    }

    private string Whither => policy switch
    {
        UndecodableRecord.Skip => "is passed over",
        UndecodableRecord.SideOutput => "goes to the side output",
        _ => $"goes to sink {DeadLetters.SinkOf(source)}",
    };

    private static string Shown(ReadOnlySpan<byte> bytes, bool exists) =>
        !exists ? "none"
        : bytes.Length <= ShownBytes ? $"{Convert.ToHexString(bytes)} ({bytes.Length} bytes)"
        : $"{Convert.ToHexString(bytes[..ShownBytes])}.. ({bytes.Length} bytes)";
}
