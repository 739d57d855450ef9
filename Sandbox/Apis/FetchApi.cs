using Weir.Sandbox.Log;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Hands out batches; waits, without a thread, until there are as many bytes as the consumer wants, or its time is over.</summary>
internal static class FetchApi
{
    // Kafka's bound on the time a client may ask for is its own; ours keeps a timer from overflowing.
    private const int WaitMsMax = 60 * 60 * 1000;

    public static async ValueTask HandleAsync(Exchange exchange)
    {
        var request = FetchRequest.Read(exchange);
        Write(exchange, request, await CollectAsync(exchange, request).ConfigureAwait(false));
    }

    private static async ValueTask<List<Answer>> CollectAsync(Exchange exchange, FetchRequest request)
    {
        var broker = exchange.Broker;
        long began = broker.Options.Time.GetTimestamp();
        while (true)
        {
            var wait = new FetchWait();
            List<Answer> answers;
            TimeSpan left;
            lock (broker.Gate)
            {
                answers = Collect(broker, request, exchange.Refusal);
                left = TimeSpan.FromMilliseconds(Math.Clamp(request.WaitMsMax, 0, WaitMsMax)) - broker.Options.Time.GetElapsedTime(began);
                bool isDone = left <= TimeSpan.Zero || answers.Exists(answer => answer.Error != ErrorCode.None) || answers.Sum(answer => (long)answer.Bytes) >= request.BytesMin;
                if (isDone)
                {
                    return answers;
                }
                ForEachLog(broker, request, log => log.Await(wait));
            }
            try
            {
                await wait.Changed.WaitAsync(left, broker.Options.Time, exchange.Ended).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // It gets what there is.
            }
            finally
            {
                lock (broker.Gate)
                {
                    ForEachLog(broker, request, log => log.StopAwaiting(wait));
                }
            }
        }
    }

    private static void ForEachLog(BrokerState broker, FetchRequest request, Action<PartitionLog> act)
    {
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                if (broker.Topics.Find(topic.Name, partition.Index) is { } log)
                {
                    act(log);
                }
            }
        }
    }

    private static List<Answer> Collect(BrokerState broker, FetchRequest request, ErrorCode refusal)
    {
        var answers = new List<Answer>();
        int left = request.BytesMax;
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var answer = refusal != ErrorCode.None ? new Answer(refusal) : Collect(broker, request, topic.Name, partition, left, mayExceed: left == request.BytesMax);
                answers.Add(answer);
                left -= answer.Bytes;
            }
        }
        return answers;
    }

    private static Answer Collect(BrokerState broker, FetchRequest request, string topic, FetchRequest.Partition asked, int bytesLeft, bool mayExceed)
    {
        if (broker.Topics.Find(topic, asked.Index) is not { } log)
        {
            return new Answer(ErrorCode.UnknownTopicOrPartition);
        }
        if (asked.Offset < log.StartOffset || asked.Offset > log.EndOffset)
        {
            return new Answer(ErrorCode.OffsetOutOfRange) { EndOffset = log.EndOffset, LastStableOffset = log.LastStableOffset, StartOffset = log.StartOffset };
        }
        var batches = new List<StoredBatch>();
        int bytes = log.Read(asked.Offset, log.EndFor(request.IsCommittedOnly), Math.Min(asked.BytesMax, bytesLeft), mayExceed, batches);
        return new Answer(ErrorCode.None)
        {
            EndOffset = log.EndOffset,
            LastStableOffset = log.LastStableOffset,
            StartOffset = log.StartOffset,
            Batches = batches,
            Bytes = bytes,
            Aborted = request.IsCommittedOnly && batches.Count > 0 ? [.. log.AbortedBetween(asked.Offset, batches[^1].LastOffset + 1)] : [],
        };
    }

    private static void Write(Exchange exchange, FetchRequest request, List<Answer> answers)
    {
        var response = exchange.Response;
        short version = exchange.Version;
        response.Int32(0);
        if (version >= 7)
        {
            response.Error(ErrorCode.None);
            response.Int32(0); // No session.
        }
        response.Array(request.Topics.Count);
        int next = 0;
        foreach (var topic in request.Topics)
        {
            response.String(topic.Name);
            response.Array(topic.Partitions.Count);
            foreach (var partition in topic.Partitions)
            {
                WritePartition(response, version, partition.Index, answers[next++], request.IsCommittedOnly);
            }
            response.Tags();
        }
        response.Tags();
    }

    private static void WritePartition(ResponseWriter response, short version, int partition, Answer answer, bool isCommittedOnly)
    {
        response.Int32(partition);
        response.Error(answer.Error);
        response.Int64(answer.EndOffset);
        response.Int64(answer.LastStableOffset);
        if (version >= 5)
        {
            response.Int64(answer.StartOffset);
        }
        response.Array(isCommittedOnly ? answer.Aborted.Length : -1);
        foreach (var aborted in answer.Aborted)
        {
            response.Int64(aborted.ProducerId);
            response.Int64(aborted.FirstOffset);
            response.Tags();
        }
        if (version >= 11)
        {
            response.Int32(-1); // No other replica is nearer.
        }
        response.BytesLength(answer.Bytes);
        foreach (var batch in answer.Batches)
        {
            response.Append(batch.Bytes);
        }
        response.Tags();
    }

    private sealed record Answer(ErrorCode Error)
    {
        public long EndOffset { get; init; } = -1;

        public long LastStableOffset { get; init; } = -1;

        public long StartOffset { get; init; } = -1;

        public IReadOnlyList<StoredBatch> Batches { get; init; } = [];

        public int Bytes { get; init; }

        public AbortedTransaction[] Aborted { get; init; } = [];
    }
}
