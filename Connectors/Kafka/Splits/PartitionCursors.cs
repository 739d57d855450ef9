using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Where one reader stands in each of its partitions.</summary>
/// <remarks>Thread: the reader's, but for <see cref="Lag"/> and <see cref="AddProgress"/>.</remarks>
internal sealed class PartitionCursors
{
    private readonly string[] _topics;
    private readonly Cursor[] _cursors;
    private readonly int[][] _ofPartition;
    private int _unfinished;

    public PartitionCursors(IReadOnlyList<SplitPosition> splits)
    {
        var places = splits.Select(split => SplitName.Parse(split.Split)).ToList();
        _topics = [.. places.Select(place => place.Topic).Distinct(StringComparer.Ordinal)];
        _ofPartition = [.. _topics.Select(topic => new int[1 + places.Where(place => place.Topic == topic).Max(place => place.Partition)])];
        _cursors = new Cursor[splits.Count];
        for (int i = 0; i < splits.Count; i++)
        {
            var (topic, partition) = places[i];
            ref var cursor = ref _cursors[i];
            cursor = new Cursor { Split = i, Topic = topic, Partition = partition, Position = splits[i].Position, StopAt = splits[i].StopAt ?? long.MaxValue, StopRule = splits[i].StopRule };
            cursor.Finished = cursor.Position >= cursor.StopAt;
            _unfinished += cursor.Finished ? 0 : 1;
            _ofPartition[TopicIndex(topic)][partition] = i;
        }
    }

    public bool AllFinished => _unfinished == 0;

    /// <summary>The topics that any of the partitions belong to.</summary>
    public IReadOnlyList<string> Topics => _topics;

    /// <summary>The same, for people.</summary>
    public string Names => string.Join(", ", _topics);

    /// <summary>A topic's place in <see cref="Topics"/>.</summary>
    public int TopicIndex(string topic) => Array.IndexOf(_topics, topic);

    public ref Cursor Of(int topicIndex, int partition) => ref _cursors[_ofPartition[topicIndex][partition]];

    /// <summary>What there is to read, from where.</summary>
    public IReadOnlyList<TopicOffset> Unfinished() =>
        [.. from cursor in _cursors where !cursor.Finished select new TopicOffset(cursor.Topic, cursor.Partition, cursor.Position)];

    /// <summary>Notes that a partition was read to its stop; false when that was known.</summary>
    public bool Finish(ref Cursor cursor)
    {
        if (cursor.Finished)
        {
            return false;
        }
        cursor.Finished = true;
        cursor.Position = cursor.StopAt;
        _unfinished--;
        return true;
    }

    /// <param name="positions">Where they go.</param>
    /// <param name="consumer">Asked where it stands, if it handed over all it took; null leaves that out.</param>
    public void AddPositions(ICollection<SplitPosition> positions, KafkaConsumer? consumer)
    {
        for (int i = 0; i < _cursors.Length; i++)
        {
            ref var cursor = ref _cursors[i];
            if (!cursor.Finished && consumer?.Position(cursor.Topic, cursor.Partition) is { } passed && passed > cursor.Position)
            {
                cursor.Position = Math.Min(passed, cursor.StopAt);
            }
            positions.Add(new SplitPosition(SplitName.Of(cursor.Topic, cursor.Partition), cursor.Position, cursor.StopAt == long.MaxValue ? null : cursor.StopAt, cursor.StopRule));
        }
    }

    /// <summary>Records up to the ends that a client knows, or up to where reading stops; null where it knows none. Thread: any.</summary>
    public long? Lag(KafkaConsumer consumer)
    {
        long? sum = null;
        foreach (ref var cursor in _cursors.AsSpan())
        {
            if (consumer.KnownEnd(cursor.Topic, cursor.Partition) is { } end)
            {
                sum = (sum ?? 0) + Math.Max(0, Math.Min(end, cursor.StopAt) - Volatile.Read(ref cursor.Position));
            }
        }
        return sum;
    }

    /// <summary>How far each partition of a topic is read. Thread: any.</summary>
    public void AddProgress(string topic, IDictionary<int, ReadProgress> progress)
    {
        foreach (ref var cursor in _cursors.AsSpan())
        {
            if (cursor.Topic == topic)
            {
                progress[cursor.Partition] = new ReadProgress(Volatile.Read(ref cursor.Position), Volatile.Read(ref cursor.Records), Volatile.Read(ref cursor.Bytes));
            }
        }
    }

    /// <summary>One partition.</summary>
    public struct Cursor
    {
        /// <summary>Its place among the splits that the reader was made with.</summary>
        public int Split;
        public string Topic;
        public int Partition;
        public long Position;
        public long StopAt;
        public string? StopRule;
        public long Records;
        public long Bytes;
        public bool Finished;

        /// <summary>A record was handed on, or passed over.</summary>
        public void Pass(long offset, int bytes)
        {
            Position = offset + 1;
            Records++;
            Bytes += bytes;
        }
    }
}

/// <summary>How far a partition is read in this attempt.</summary>
/// <param name="Position">The next record.</param>
/// <param name="Records">Records read.</param>
/// <param name="Bytes">Their keys and values.</param>
internal readonly record struct ReadProgress(long Position, long Records, long Bytes);
