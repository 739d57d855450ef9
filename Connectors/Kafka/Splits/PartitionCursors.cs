using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Where one reader stands in each of its partitions.</summary>
/// <remarks>Thread: the reader's, but for <see cref="Lag"/>.</remarks>
internal sealed class PartitionCursors
{
    private readonly string _topic;
    private readonly Cursor[] _cursors;
    private readonly int[] _ofPartition;
    private int _unfinished;

    public PartitionCursors(string source, string topic, IReadOnlyList<SplitPosition> splits)
    {
        _topic = topic;
        _cursors = new Cursor[splits.Count];
        for (int i = 0; i < splits.Count; i++)
        {
            var split = splits[i];
            _cursors[i] = new Cursor { Partition = SplitName.Partition(source, topic, split.Split), Position = split.Position, StopAt = split.StopAt ?? long.MaxValue };
            _cursors[i].Finished = split.Position >= _cursors[i].StopAt;
            _unfinished += _cursors[i].Finished ? 0 : 1;
        }
        _ofPartition = new int[splits.Count == 0 ? 0 : 1 + _cursors.Max(cursor => cursor.Partition)];
        for (int i = 0; i < splits.Count; i++)
        {
            _ofPartition[_cursors[i].Partition] = i;
        }
    }

    public bool AllFinished => _unfinished == 0;

    public ref Cursor Of(int partition) => ref _cursors[_ofPartition[partition]];

    /// <summary>What there is to read, from where.</summary>
    public IReadOnlyList<TopicOffset> Unfinished() =>
        [.. from cursor in _cursors where !cursor.Finished select new TopicOffset(_topic, cursor.Partition, cursor.Position)];

    /// <summary>Notes that a partition was read to its stop; false when that was known.</summary>
    public bool Finish(int partition)
    {
        ref var cursor = ref Of(partition);
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
            if (!cursor.Finished && consumer?.Position(_topic, cursor.Partition) is { } passed && passed > cursor.Position)
            {
                cursor.Position = Math.Min(passed, cursor.StopAt);
            }
            positions.Add(new SplitPosition(SplitName.Of(_topic, cursor.Partition), cursor.Position, cursor.StopAt == long.MaxValue ? null : cursor.StopAt));
        }
    }

    /// <summary>Records up to the ends that a client knows, or up to where reading stops; null where it knows none. Thread: any.</summary>
    public long? Lag(KafkaConsumer consumer)
    {
        long? sum = null;
        foreach (ref var cursor in _cursors.AsSpan())
        {
            if (consumer.KnownEnd(_topic, cursor.Partition) is { } end)
            {
                sum = (sum ?? 0) + Math.Max(0, Math.Min(end, cursor.StopAt) - Volatile.Read(ref cursor.Position));
            }
        }
        return sum;
    }

    /// <summary>One partition.</summary>
    public struct Cursor
    {
        public int Partition;
        public long Position;
        public long StopAt;
        public bool Finished;
    }
}
