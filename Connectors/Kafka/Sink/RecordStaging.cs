using Weir.Connectors.Kafka.Native;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>Encoded messages of one writer, gathered by partition until the client takes them.</summary>
/// <remarks>
/// Thread: one at a time. Holds: messages of a partition leave in the order they came. Its buffers are kept when they are emptied, so nothing is
/// allocated for a record after warm-up.
/// </remarks>
internal sealed unsafe class RecordStaging
{
    /// <summary>Messages in one call: beyond some hundred a call gains nothing.</summary>
    private const int CallMax = 512;

    private readonly PartitionStage[] _partitions;
    private readonly List<PartitionStage> _filled = [];
    private readonly NativeMessage[] _call = GC.AllocateArray<NativeMessage>(CallMax, pinned: true);

    public RecordStaging(int partitions)
    {
        _partitions = new PartitionStage[partitions];
        for (int i = 0; i < partitions; i++)
        {
            _partitions[i] = new PartitionStage(i);
        }
    }

    public bool IsEmpty => _filled.Count == 0;

    /// <summary>Begins a message: its key is stored, its value is to be appended to what is returned, and then <see cref="End"/> is called.</summary>
    public ByteArena Begin(int partition, bool hasKey, ReadOnlySpan<byte> key)
    {
        var stage = _partitions[partition];
        if (stage.Count == 0)
        {
            _filled.Add(stage);
        }
        stage.Begin(hasKey, key);
        return stage.Bytes;
    }

    /// <summary>Ends the message that was begun.</summary>
    /// <returns>How many messages wait in this partition.</returns>
    public int End(int partition, bool hasValue, out int bytes) => _partitions[partition].End(hasValue, out bytes);

    /// <summary>Gives one partition's messages to the client, as far as it takes them.</summary>
    /// <returns>Whether it took all.</returns>
    public bool HandOver(ProducerTopic topic, int partition)
    {
        var stage = _partitions[partition];
        if (stage.Count == 0)
        {
            return true;
        }
        bool all = HandOver(topic, stage);
        if (all)
        {
            _filled.Remove(stage);
        }
        return all;
    }

    /// <summary>Gives all messages to the client, as far as it takes them.</summary>
    /// <returns>Whether it took all.</returns>
    public bool HandOver(ProducerTopic topic)
    {
        for (int last = _filled.Count - 1; last >= 0; last--)
        {
            if (!HandOver(topic, _filled[last]))
            {
                return false;
            }
            _filled.RemoveAt(last);
        }
        return true;
    }

    private bool HandOver(ProducerTopic topic, PartitionStage stage)
    {
        fixed (byte* bytes = stage.Bytes.Written)
        fixed (NativeMessage* call = _call)
        {
            // A value of no bytes is not "no value": it needs an address, which it does not read.
            byte* start = bytes is null ? (byte*)call : bytes;
            while (stage.Next < stage.Count)
            {
                int count = stage.Fill(call, CallMax, start);
                int taken = topic.Producer.Produce(topic, stage.Partition, call, count);
                stage.Took(taken);
                if (taken < count)
                {
                    return false;
                }
            }
        }
        stage.Clear();
        return true;
    }

    /// <summary>The messages of one partition: key and value of each, one behind the other.</summary>
    internal sealed class PartitionStage(int partition)
    {
        private const int None = -1;

        private (int Key, int Value)[] _lengths = new (int Key, int Value)[16];
        private int _valueStart;
        private int _nextByte;

        public int Partition { get; } = partition;

        public ByteArena Bytes { get; } = new();

        /// <summary>Messages staged, those the client took already included.</summary>
        public int Count { get; private set; }

        /// <summary>The first one that the client has not taken.</summary>
        public int Next { get; private set; }

        public void Begin(bool hasKey, ReadOnlySpan<byte> key)
        {
            if (Count == _lengths.Length)
            {
                Array.Resize(ref _lengths, 2 * _lengths.Length);
            }
            _lengths[Count].Key = hasKey ? key.Length : None;
            Bytes.Append(key);
            _valueStart = Bytes.Length;
        }

        public int End(bool hasValue, out int bytes)
        {
            ref var lengths = ref _lengths[Count];
            lengths.Value = hasValue ? Bytes.Length - _valueStart : None;
            bytes = Math.Max(lengths.Key, 0) + Math.Max(lengths.Value, 0);
            Count++;
            return Count - Next;
        }

        public int Fill(NativeMessage* call, int max, byte* bytes)
        {
            int count = Math.Min(max, Count - Next);
            byte* at = bytes + _nextByte;
            for (int i = 0; i < count; i++)
            {
                var (key, value) = _lengths[Next + i];
                call[i] = default;
                if (key != None)
                {
                    call[i].Key = at;
                    call[i].KeyLength = (nuint)key;
                    at += key;
                }
                if (value != None)
                {
                    call[i].Value = at;
                    call[i].ValueLength = (nuint)value;
                    at += value;
                }
            }
            return count;
        }

        public void Took(int count)
        {
            for (int i = 0; i < count; i++)
            {
                var (key, value) = _lengths[Next + i];
                _nextByte += Math.Max(key, 0) + Math.Max(value, 0);
            }
            Next += count;
        }

        public void Clear()
        {
            Bytes.Clear();
            Count = 0;
            Next = 0;
            _nextByte = 0;
        }
    }
}
