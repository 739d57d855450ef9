using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>What a source does with a record that its codec can't read.</summary>
public enum UndecodableRecord
{
    /// <summary>The job fails for good, and says which record it is: it would meet the same one after every restart.</summary>
    Fail,

    /// <summary>It is passed over, counted, and said in the log.</summary>
    Skip,
}

/// <summary>Decides about the records of one subtask of a source that can't be decoded.</summary>
/// <remarks>Thread: the one that reads.</remarks>
internal sealed class UndecodableRecords(string source, UndecodableRecord policy, ILogger logger)
{
    private const int ShownBytes = 32;

    private long _skipped;
    private long _nextSaid = 1;

    /// <summary>Decodes a message; false where it can't be, and is to be passed over.</summary>
    /// <exception cref="JobException">It can't be, and the job is to fail.</exception>
    public bool TryDecode<T>(MessageCodec<T> messages, in Message message, [MaybeNullWhen(false)] out T record)
    {
        try
        {
            record = messages.Decode(in message);
            return true;
        }
#pragma warning disable CA1031 // A user's codec throws what it likes.
        catch (Exception cause) when (cause is not JobException)
#pragma warning restore CA1031
        {
            Refuse(in message, cause);
            record = default;
            return false;
        }
    }

    private void Refuse(in Message message, Exception cause)
    {
        if (policy == UndecodableRecord.Fail)
        {
            throw new JobException(
                JobFailure.Permanent,
                $"Source {source}: record {message.Offset} of {message.Topic}-{message.Partition} can't be decoded: {cause.Message.TrimEnd('.')}. Its key is {Shown(message.Key, message.HasKey)}, its value {Shown(message.Value, message.HasValue)}. "
                + $"Mend the codec, or set OnUndecodable of the source to {UndecodableRecord.Skip}, which passes such records over.",
                cause);
        }
        // The first, the tenth, the hundredth: a topic full of them must not fill the log.
        if (++_skipped == _nextSaid)
        {
            _nextSaid *= 10;
            logger.RecordSkipped(source, message.Offset, $"{message.Topic}-{message.Partition}", Shown(message.Value, message.HasValue), cause.Message, _skipped);
        }
    }

    private static string Shown(ReadOnlySpan<byte> bytes, bool exists) =>
        !exists ? "none"
        : bytes.Length <= ShownBytes ? $"{Convert.ToHexString(bytes)} ({bytes.Length} bytes)"
        : $"{Convert.ToHexString(bytes[..ShownBytes])}.. ({bytes.Length} bytes)";
}
