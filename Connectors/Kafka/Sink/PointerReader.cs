using System.Diagnostics;
using System.Runtime.InteropServices;
using Weir.Connectors.Kafka.Native;
using Weir.StateStore;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>Reads the newest committed pointer of a slot, to the very end of its partition and never to less.</summary>
/// <remarks>
/// Right only after the slot's transactional ids were initialised: then nothing of them is open, and the end that a read of uncommitted records shows is
/// reached by a read of committed ones. Protocol: docs/exactly-once.md, start of a slot.
/// </remarks>
internal sealed class PointerReader(KafkaClients clients, CommitsTopic topic, byte[] key, int slot) : IDisposable
{
    private const int PollMs = 100;
    private const int ConnectTimeoutMs = 5000;
    private static readonly TimeSpan TopicAppearsWithin = TimeSpan.FromSeconds(30);

    private KafkaConsumer? _consumer;

    /// <summary>Connects ahead of the first read.</summary>
    public void Open()
    {
        _consumer ??= clients.PointerReader();
        _consumer.Connect(topic.Name, ConnectTimeoutMs);
    }

    /// <summary>The partition's start and end now; asked only after the ids were initialised.</summary>
    public async Task<(long Start, long End)> BoundsAsync(KafkaAdmin admin)
    {
        var (starts, ends) = await admin.BoundsAsync(topic.Name, [slot]).ConfigureAwait(false);
        return (starts[slot], ends[slot]);
    }

    /// <summary>The newest pointer between these bounds; null where there is none. Blocks.</summary>
    public CheckpointPointer? Newest(long logStart, long end, CancellationToken cancellation)
    {
        if (_consumer is null)
        {
            Open();
        }
        foreach (long start in PointerSearch.Starts(logStart, end))
        {
            if (NewestFrom(start, end, cancellation) is { } found)
            {
                return found;
            }
        }
        return null;
    }

    /// <summary>Ends the client until something is read again: one that nobody asks keeps every pointer that is committed from then on. Blocks until its threads have ended.</summary>
    public void Close() => Interlocked.Exchange(ref _consumer, null)?.Dispose();

    public void Dispose() => Close();

    private unsafe CheckpointPointer? NewestFrom(long start, long end, CancellationToken cancellation)
    {
        var consumer = _consumer!;
        var assigned = consumer.Assign([new TopicOffset(topic.Name, slot, start)]);
        if (!assigned.IsNone)
        {
            throw KafkaFaults.StartFailure(assigned, $"Commits in {topic.Name}-{slot} can't be read");
        }
        CheckpointPointer? newest = null;
        var clock = Stopwatch.StartNew();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var message = consumer.Poll(PollMs);
            if (message is null)
            {
                clients.Patience.ThrowIfRefused();
                continue;
            }
            try
            {
                if (message->Error == 0)
                {
                    if (new ReadOnlySpan<byte>(message->Key, (int)message->KeyLength).SequenceEqual(key) && message->Value is not null)
                    {
                        newest = PointerRecord.Decode(new ReadOnlySpan<byte>(message->Value, (int)message->ValueLength), $"{topic.Name}-{slot}@{message->Offset}");
                    }
                    if (message->Offset + 1 >= end)
                    {
                        return newest;
                    }
                }
                else if (IsEnd(message, end, clock))
                {
                    return newest;
                }
            }
            finally
            {
                Librdkafka.rd_kafka_message_destroy(message);
            }
        }
    }

    /// <summary>Whether what is no record says that all was read; an earlier end is not the end.</summary>
    private unsafe bool IsEnd(NativeMessage* message, long end, Stopwatch clock)
    {
        var error = new KafkaError(message->Error, Marshal.PtrToStringUTF8((nint)Librdkafka.rd_kafka_message_errstr(message)) ?? "");
        return error.Fault switch
        {
            KafkaFault.EndOfPartition => message->Offset >= end,
            KafkaFault.Unreachable or KafkaFault.Retriable => false,
            KafkaFault.UnknownTopic when clock.Elapsed < TopicAppearsWithin => false,      // just made
            _ => throw KafkaFaults.StartFailure(error, $"Commits in {topic.Name}-{slot} can't be read"),
        };
    }
}
